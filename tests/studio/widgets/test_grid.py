"""Cells of a grid: all of the area, none over another."""

from hypothesis import given, strategies as st
from PySide6.QtCore import QRectF

from studio.widgets.grid import cell_size, cells


@given(st.integers(1, 12), st.integers(1, 5), st.floats(0, 40))
def test_cells_fill_the_area(count: int, columns: int, gap_px: float) -> None:
    area = QRectF(20, 30, 900, 700)
    found = cells(area, count, columns, gap_px)
    size = cell_size(area, count, columns, gap_px)
    assert len(found) == count
    assert all(cell.size() == size for cell in found)
    assert found[0].topLeft() == area.topLeft()
    assert abs(found[-1].bottom() - area.bottom()) < 0.001
    for place, cell in enumerate(found):
        assert area.adjusted(-1, -1, 1, 1).contains(cell)
        inner = cell.adjusted(0.01, 0.01, -0.01, -0.01)
        assert not any(inner.intersects(other) for other in found[place + 1 :])
