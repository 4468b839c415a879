"""Which bodies go to the parser's process, and when the process is ended. tests/integration/ingress tests its work."""

import asyncio
from typing import Any

import pytest
from multidict import CIMultiDict

from bridge.intake import Intake, Question
from bridge.settings import Settings
from ingress import parser as module
from ingress.parser import CHEAP_BYTES, MOST_BYTES, MOST_STRUCTURE, Parser, is_costly

QUESTION = Intake(Settings(tenant="acme")).question(CIMultiDict(), 0)


@pytest.mark.parametrize(
    ("body", "costly"),
    [
        (b"," * CHEAP_BYTES, False),
        (b"," * (CHEAP_BYTES + 1), True),
        (b"," * MOST_STRUCTURE + b" " * CHEAP_BYTES, False),
        (b"," * (MOST_STRUCTURE + 1) + b" " * CHEAP_BYTES, True),
        (b" " * MOST_BYTES, False),
        (b" " * (MOST_BYTES + 1), True),
    ],
)
def test_costly_is_what_is_large_or_has_much_structure(body: bytes, costly: bool) -> None:
    assert is_costly(body) is costly


class Process:
    """A process that lives until it is killed."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.stdin = self

    def is_closing(self) -> bool:
        return self.ended.is_set()

    def kill(self) -> None:
        self.ended.set()

    async def wait(self) -> int:
        await self.ended.wait()
        return -9


async def test_a_process_is_not_ended_while_it_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long ago the previous question was: otherwise the answer would be lost, and the body answered 500."""
    process = Process()

    async def start() -> Any:
        return process

    async def exchange(_process: Any, question: Question, body: bytes) -> Any:
        for _ in range(9):
            await asyncio.sleep(0)
            assert not process.ended.is_set()
        return question(body)

    monkeypatch.setattr(module, "IDLE_S", 0)
    monkeypatch.setattr(module, "_start", start)
    monkeypatch.setattr(module, "_exchange", exchange)
    parser = Parser()
    for _ in range(2):
        assert (await parser.ask(QUESTION, b"no json")).value == b"no json"
    await process.wait()
