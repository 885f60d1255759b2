"""What was used last stays, as far as the budget goes."""

from studio.state.recent import Recent


def test_what_was_not_used_for_longest_goes_first() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert ("a" in recent, "b" in recent, "c" in recent) == (True, False, True)
    assert recent.get("b") is None


def test_a_budget_counts_what_each_costs() -> None:
    recent: Recent[str, str] = Recent(10, len)
    recent.put("a", "x" * 6)
    recent.put("a", "x" * 4)  # instead of the six
    recent.put("b", "x" * 6)
    assert len(recent) == 2
    recent.put("c", "x")
    assert "a" not in recent
    recent.pop("b")
    recent.put("d", "x" * 9)
    assert "c" in recent


def test_what_came_last_stays_whatever_it_costs() -> None:
    recent: Recent[str, str] = Recent(3, len)
    recent.put("a", "xx")
    recent.put("b", "x" * 50)
    assert len(recent) == 1
    assert recent.get("b") == "x" * 50
    recent.clear()
    recent.put("c", "xx")
    recent.put("d", "x")
    assert len(recent) == 2
