"""Which end of a transaction is held back, and when it is let go."""

import asyncio

import pytest

from tests.programs.chaos.frames import (
    ADD_OFFSETS_TO_TXN,
    ADD_PARTITIONS_TO_TXN,
    END_TXN,
    INIT_PRODUCER_ID,
    PRODUCE,
    TXN_OFFSET_COMMIT,
    Request,
)
from tests.programs.chaos.late import LateEndTxn

END, BEGIN, WRITE, OFFSETS, START = (
    Request(key, "lane") for key in (END_TXN, ADD_PARTITIONS_TO_TXN, PRODUCE, ADD_OFFSETS_TO_TXN, INIT_PRODUCER_ID)
)


def armed(lead: float = 0) -> LateEndTxn:
    """The lane's transaction has offsets, and its end is awaited."""
    late = LateEndTxn()
    late.passed(OFFSETS)
    late.arm(lead)
    return late


async def _is_due(late: LateEndTxn) -> bool:
    try:
        async with asyncio.timeout(0.01):
            await late.due()
    except TimeoutError:
        return False
    return True


async def test_nothing_is_held_until_it_is_armed_and_then_one() -> None:
    late = LateEndTxn()
    late.passed(OFFSETS)
    assert not late.takes(END)
    late.arm(0)
    assert not late.takes(WRITE)
    assert late.takes(END)
    late.passed(OFFSETS)
    assert not late.takes(END)


@pytest.mark.parametrize("without", [[], [OFFSETS, END], [OFFSETS, START], [Request(ADD_OFFSETS_TO_TXN, "other")]])
async def test_a_transaction_without_offsets_of_a_group_is_let_pass(without: list[Request]) -> None:
    """A barrier is one: its lane may get nothing, and so never begin another transaction."""
    late = LateEndTxn()
    for request in without:
        late.passed(request)
    late.arm(0)
    late.passed(BEGIN)
    assert not late.takes(END)


async def test_of_a_transactional_id_that_is_named_it_is_taken_without_offsets_and_goes_behind_what_is_stored() -> None:
    late = LateEndTxn()
    late.passed(OFFSETS)
    late.arm(0, of="command")
    assert not late.takes(END)
    assert late.takes(Request(END_TXN, "command"))
    for key in (ADD_PARTITIONS_TO_TXN, PRODUCE):
        late.passed(Request(key, "command"))
        assert not await _is_due(late)
    late.passed(Request(PRODUCE, "command"))
    assert await _is_due(late)


async def test_it_goes_once_the_next_transaction_of_the_same_producer_has_written() -> None:
    late = armed()
    late.takes(END)
    for request in (WRITE, Request(ADD_PARTITIONS_TO_TXN, "other"), BEGIN, Request(PRODUCE, "other")):
        late.passed(request)
        assert not await _is_due(late)
    late.passed(WRITE)
    assert await _is_due(late)
    assert late.delivered == 1


async def test_by_the_second_protocol_it_goes_once_its_producer_was_fenced_and_has_written() -> None:
    """Nothing announces the group or partitions."""
    late = LateEndTxn()
    late.passed(Request(TXN_OFFSET_COMMIT, "lane"))
    late.arm(0)
    assert late.takes(END)
    for request in (WRITE, START):
        late.passed(request)
        assert not await _is_due(late)
    late.passed(WRITE)
    assert await _is_due(late)


async def test_what_the_next_transaction_writes_elsewhere_comes_behind_it() -> None:
    late = armed(60)
    late.takes(END)
    for request in (BEGIN, WRITE):
        await late.let_pass(request)
        late.passed(request)
    await late.due()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await late.let_pass(WRITE)
    await late.let_pass(Request(PRODUCE, "other"))


async def test_when_lines_are_mended_what_is_held_goes_too() -> None:
    late = armed()
    late.takes(END)
    late.disarm()
    assert await _is_due(late)
