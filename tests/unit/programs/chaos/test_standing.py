"""When a partition stands still, and what counts as showing it."""

from tests.programs.chaos.standing import LIMIT_S, Marks, Standing, View, shown

RAW = ("raw", 0)
LATE = LIMIT_S + 1


def test_a_partition_that_grows_and_is_not_committed_stands_still() -> None:
    standing = Standing()
    standing.late({RAW: Marks(5, 5)}, 0)
    assert standing.late({RAW: Marks(5, 9)}, 10) == {}
    assert standing.late({RAW: Marks(5, 9)}, 10 + LATE) == {RAW: 10}


def test_one_that_is_committed_meanwhile_does_not() -> None:
    standing = Standing()
    standing.late({RAW: Marks(5, 5)}, 0)
    standing.late({RAW: Marks(5, 9)}, 10)
    assert standing.late({RAW: Marks(6, 20)}, 10 + LATE) == {}
    assert standing.late({RAW: Marks(6, 21)}, 20 + LATE) == {}
    assert standing.late({RAW: Marks(6, 22)}, 20 + 2 * LATE) == {RAW: 20 + LATE}


def test_one_with_nothing_new_does_not_whatever_lies_at_its_end() -> None:
    standing = Standing()
    assert standing.late({RAW: Marks(5, 6)}, 0) == {}
    assert standing.late({RAW: Marks(5, 6)}, LATE) == {}


def test_an_old_answer_is_no_progress() -> None:
    standing = Standing()
    standing.late({RAW: Marks(5, 5)}, 0)
    standing.late({RAW: Marks(5, 9)}, 10)
    standing.late({RAW: Marks(3, 4)}, 20)
    assert standing.late({RAW: Marks(5, 9)}, 10 + LATE) == {RAW: 10}


def test_lag_or_503_shows_it() -> None:
    assert shown(RAW, [View(True, True, frozenset({RAW}), {RAW: 1})])
    assert shown(RAW, [View(True, False, frozenset({RAW}), {RAW: 0})])
    assert not shown(RAW, [View(True, True, frozenset({RAW}), {RAW: 0, ("raw", 1): 7})])


def test_it_is_the_owner_who_has_to_show_it() -> None:
    healthy = View(True, True, frozenset({RAW}), {RAW: 0})
    assert not shown(RAW, [healthy, View(True, ready=False)])
    assert shown(RAW, [View(True, ready=True), View(True, ready=False)])  # nobody owns it


def test_who_does_not_answer_hides_nothing() -> None:
    assert shown(RAW, [View(answers=False)])
    assert shown(RAW, [])
