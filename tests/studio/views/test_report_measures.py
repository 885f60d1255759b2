"""The numbers of a report, and where there is none."""

from pytestqt.qtbot import QtBot

from studio.views.report_panel import Measure


def test_a_number_that_cannot_be_told_is_a_dash(qtbot: QtBot) -> None:
    measure = Measure("quality")
    qtbot.addWidget(measure)
    measure.show_value(0.9)
    assert measure.accessibleName().endswith("0.90")
    measure.show_unknown()
    assert measure.accessibleName().endswith("–")
    measure.show_value(0.5)
    assert measure.accessibleName().endswith("0.50")
