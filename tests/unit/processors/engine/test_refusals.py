"""One broken event is put aside; a broken handler must not put everything aside."""

from processors.engine.refusals import IN_A_ROW, SHARE, WINDOW, Refusals


def after(*runs: int) -> Refusals:
    """Refusals after these runs of records: positive numbers passed, negative ones were refused."""
    refusals = Refusals()
    for run in runs:
        if run > 0:
            refusals.passed(run)
        for _ in range(-run):
            refusals.refused()
    return refusals


def test_single_records_may_be_refused() -> None:
    assert not after().exhausted
    assert not after(-(IN_A_ROW - 1)).exhausted


def test_too_many_in_a_row_are_too_many() -> None:
    assert after(10_000, -IN_A_ROW).exhausted


def test_one_that_passes_ends_the_row() -> None:
    assert not after(-(IN_A_ROW - 1), 1, -(IN_A_ROW - 1)).exhausted


def test_too_large_a_share_is_too_many() -> None:
    """This may be a deployment that fails on one kind of event in twenty."""
    every = WINDOW // SHARE - 1
    assert not after(*[every - 1, -1] * (SHARE - 1)).exhausted
    assert after(*[every - 1, -1] * SHARE).exhausted


def test_old_ones_are_forgotten() -> None:
    assert not after(*[WINDOW // SHARE, -1] * (10 * SHARE)).exhausted
    assert not after(*[5, -1] * SHARE, WINDOW).exhausted
