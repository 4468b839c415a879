"""The process that parses costly bodies."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import pytest
import uvloop
from multidict import CIMultiDict

from bridge.intake import Intake
from bridge.settings import Settings
from ingress import parser as module
from ingress.answers import Unavailable
from ingress.parser import Parser

INTAKE = Intake(Settings(tenant="acme"))
QUESTION = INTAKE.question(CIMultiDict({"content-encoding": "identity"}), 1_700_000_000_000)
EVENT = b'{"tenant":"acme","name":"order.created","payload":{"id":"7","a":[%s 1]}}' % (b"[1, 2.50, {} ],   " * 40_000)
BODIES = {
    "an event": EVENT,
    "another tenant's": EVENT.replace(b"acme", b"\\ud83d\\ude00"),
    "no JSON": EVENT[:-1],
    "too much structure": EVENT.replace(b" ", b""),
}


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    parser = Parser()
    yield parser
    await parser.close()


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_it_decides_as_this_process_would(parser: Parser, body: bytes) -> None:
    assert await parser.ask(QUESTION, body) == QUESTION(body)


async def test_bodies_that_come_together_are_parsed_one_after_the_other_by_one_process(parser: Parser) -> None:
    bodies = [EVENT + b" " * number for number in range(4)]
    answers = await asyncio.gather(*(parser.ask(QUESTION, body) for body in bodies))
    assert [answer.value for answer in answers] == bodies


async def test_who_gives_up_does_not_leave_an_answer_to_the_next_one(parser: Parser) -> None:
    await parser.ask(QUESTION, EVENT)
    stopped = parser._process
    assert stopped is not None
    stopped.send_signal(signal.SIGSTOP)
    asked = asyncio.create_task(parser.ask(QUESTION, EVENT))
    while not parser._turn.locked():
        await asyncio.sleep(0)
    asked.cancel()
    await asyncio.wait({asked})
    await stopped.wait()
    assert (await parser.ask(QUESTION, b"no json")).value == b"no json"


async def test_its_death_is_told_and_the_next_body_gets_another(parser: Parser) -> None:
    await parser.ask(QUESTION, EVENT)
    assert parser._process is not None
    parser._process.kill()
    with pytest.raises(Unavailable):
        await parser.ask(QUESTION, EVENT)
    assert (await parser.ask(QUESTION, EVENT)).value == EVENT


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_its_death_while_nobody_asks_costs_the_next_body_nothing(
    run: Callable[[Coroutine[None, None, None]], None],
) -> None:
    async def ask_killing() -> None:
        parser = Parser()
        await parser.ask(QUESTION, EVENT)
        assert parser._process is not None
        parser._process.kill()
        await parser._process.wait()
        assert (await parser.ask(QUESTION, EVENT)).value == EVENT
        await parser.close()

    run(ask_killing())


async def test_it_ends_when_no_body_comes(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    """And with it all the memory that the largest body took."""
    monkeypatch.setattr(module, "IDLE_S", 0.0)
    await parser.ask(QUESTION, EVENT)
    process = parser._process
    assert process is not None
    await process.wait()
    assert parser._process is None
    assert (await parser.ask(QUESTION, EVENT)).value == EVENT


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_what_ends_all_of_a_group_ends_it_with_who_asks_only(parser: Parser, number: signal.Signals) -> None:
    """A terminal and systemd tell every process; the asking one finishes what is in flight."""
    await parser.ask(QUESTION, EVENT)
    process = parser._process
    assert process is not None
    process.send_signal(number)
    assert (await parser.ask(QUESTION, EVENT)).value == EVENT
    assert parser._process is process


async def test_nothing_of_the_working_directory_is_imported(
    parser: Parser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("schemas", "pickle", "ingress"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    assert (await parser.ask(QUESTION, EVENT)).value == EVENT


async def test_it_ends_with_who_asks(parser: Parser) -> None:
    """However that ends: the parser only has the end of stdin."""
    await parser.ask(QUESTION, EVENT)
    process = parser._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert await process.wait() == 0
