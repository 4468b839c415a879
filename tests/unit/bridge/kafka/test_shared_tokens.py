"""One token for all: fetched once, in time, beside everything else. If none comes, the former serves while it is
valid."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed

from bridge.kafka import aiokafka_defects, shared_tokens
from bridge.kafka.aiokafka_defects import mend_aiokafka
from bridge.kafka.shared_tokens import (
    AGAIN_S,
    SPARE_S,
    UNTRIED_S,
    NoTokenError,
    RefusedTokenError,
    SharedTokens,
    Token,
)

LASTS_S = 100.0


class Endpoint:
    """Waits for `answers`, then gives `t-1`, `t-2` and so on, or raises `fails`. `now` is its clients' time."""

    def __init__(self) -> None:
        self.asked, self.now = 0, 1000.0
        self.fails: Exception | None = None
        self.answers = threading.Event()
        self.answers.set()
        self.tokens = SharedTokens(self.fetch, {}, lambda: self.now)

    def fetch(self) -> Token:
        self.asked += 1
        number = self.asked
        self.answers.wait()
        if self.fails:
            raise self.fails
        return Token(f"t-{number}", LASTS_S)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    found = Endpoint()
    yield found
    found.answers.set()


def test_a_fresh_token_is_fetched_once_for_all_threads() -> None:
    fetched: list[float] = []

    def fetch() -> Token:
        fetched.append(time.monotonic())
        return Token(f"t-{len(fetched)}", 300.0)

    provider = SharedTokens(fetch, {})
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: asyncio.run(provider.token()), range(16)))
    assert (found, len(fetched)) == ({"t-1"}, 1)


@pytest.mark.parametrize("lasts_s", [None, 0.0, -5.0])
async def test_a_token_of_which_nobody_knows_how_long_it_lasts_serves_one_connection(lasts_s: float | None) -> None:
    values = iter(["t-1", "t-2"])
    provider = SharedTokens(lambda: Token(next(values), lasts_s), {})
    assert [await provider.token(), await provider.token()] == ["t-1", "t-2"]


async def test_while_no_new_one_is_given_the_former_one_serves_until_shortly_before_its_end(endpoint: Endpoint) -> None:
    assert await endpoint.tokens.token() == "t-1"
    endpoint.fails = NoTokenError("away")
    endpoint.now += LASTS_S - SPARE_S - 1
    assert await endpoint.tokens.token() == "t-1"
    assert endpoint.asked == 2
    endpoint.now += 1
    with pytest.raises(NoTokenError, match="away"):
        await endpoint.tokens.token()


async def test_after_a_refusal_the_former_one_serves_nobody(endpoint: Endpoint) -> None:
    await endpoint.tokens.token()
    endpoint.now += LASTS_S * 0.9
    endpoint.fails = RefusedTokenError("no")
    for fails in (RefusedTokenError("no"), NoTokenError("away")):
        endpoint.fails = fails
        with pytest.raises(type(fails)):
            await endpoint.tokens.token()
        endpoint.now += AGAIN_S


async def test_for_one_that_a_broker_refuses_a_new_one_is_fetched(endpoint: Endpoint) -> None:
    """This happens after the token's key was replaced, or after a hypervisor paused us unnoticed."""
    await endpoint.tokens.token()
    endpoint.now += UNTRIED_S
    endpoint.tokens.refused(endpoint.now)
    assert await endpoint.tokens.token() == "t-2"


async def test_that_every_connection_is_refused_replaces_a_token_once_in_a_while(endpoint: Endpoint) -> None:
    """Many connections are made at once, and the next token may be wrong, too."""
    await endpoint.tokens.token()
    came_at = endpoint.now
    endpoint.now += UNTRIED_S
    for began, token in ((-1.0, "t-1"), (UNTRIED_S - 1, "t-1"), (UNTRIED_S, "t-2"), (UNTRIED_S, "t-2")):
        endpoint.tokens.refused(came_at + began)
        assert await endpoint.tokens.token() == token


async def test_one_that_a_broker_refuses_serves_while_there_is_no_new_one(endpoint: Endpoint) -> None:
    """The broker that refuses it may be wrong."""
    await endpoint.tokens.token()
    endpoint.now += UNTRIED_S
    endpoint.tokens.refused(endpoint.now)
    endpoint.fails = NoTokenError("away")
    assert await endpoint.tokens.token() == "t-1"
    assert endpoint.asked == 2


async def test_a_failure_is_the_answer_for_a_while(endpoint: Endpoint) -> None:
    endpoint.fails = NoTokenError("away")
    for _ in range(3):
        with pytest.raises(NoTokenError):
            await endpoint.tokens.token()
    assert endpoint.asked == 1
    endpoint.now += AGAIN_S
    endpoint.fails = None
    assert await endpoint.tokens.token() == "t-2"


async def test_who_gives_up_waiting_takes_it_from_nobody_else_and_no_thread_from_the_pool(endpoint: Endpoint) -> None:
    endpoint.answers.clear()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    waiting = [asyncio.create_task(endpoint.tokens.token()) for _ in range(5)]
    while not endpoint.asked:
        await asyncio.sleep(0)
    assert await asyncio.to_thread(str, "the pool has room") == "the pool has room"
    waiting[0].cancel()
    await asyncio.wait(waiting[:1])
    endpoint.answers.set()
    assert await asyncio.gather(*waiting[1:]) == ["t-1"] * 4
    assert endpoint.asked == 1


async def test_an_endpoint_that_hangs_is_waited_for_until_the_deadline_and_asked_once(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_tokens, "DEADLINE_S", 0.01)
    monkeypatch.setattr(shared_tokens, "PREFERENCE_S", 0.01)
    endpoint.answers.clear()
    for _ in range(2):
        with pytest.raises(NoTokenError, match="within"):
            await endpoint.tokens.token()
    monkeypatch.undo()
    while not endpoint.asked:  # its thread may begin after nobody waits any more
        await asyncio.sleep(0)
    assert endpoint.asked == 1
    endpoint.answers.set()
    assert await endpoint.tokens.token() == "t-1"


async def test_who_has_a_valid_token_hardly_waits_for_an_endpoint_that_hangs(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_tokens, "PREFERENCE_S", 0.01)
    await endpoint.tokens.token()
    endpoint.answers.clear()
    endpoint.now += LASTS_S * 0.9
    assert await endpoint.tokens.token() == "t-1"
    endpoint.answers.set()
    while await endpoint.tokens.token() != "t-2":
        pass


def test_a_process_that_ends_does_not_wait_for_an_endpoint_that_hangs(endpoint: Endpoint) -> None:
    endpoint.answers.clear()

    async def give_up() -> None:
        asking = asyncio.create_task(endpoint.tokens.token())
        while not endpoint.asked:
            await asyncio.sleep(0)
        asking.cancel()

    asyncio.run(give_up())
    assert not endpoint.answers.is_set(), "the fetch is still under way"


@pytest.mark.parametrize(("error", "then"), [(SaslAuthenticationFailed("no"), "t-2"), (KafkaConnectionError(), "t-1")])
async def test_who_gives_tokens_is_told_that_a_broker_refuses_one(
    monkeypatch: pytest.MonkeyPatch, error: Exception, then: str
) -> None:
    """Brokers refuse in two ways, and upstream tells nobody: the token would be used until its end."""
    now, values = [1000.0], iter(["t-1", "t-2"])
    tokens = SharedTokens(lambda: Token(next(values), 3600.0), {}, lambda: now[0])

    async def refused(connection: Any) -> None:
        await connection._sasl_oauth_token_provider.token()
        raise error

    monkeypatch.setattr(aiokafka_defects, "_connect", refused)
    monkeypatch.setattr(aiokafka_defects, "boottime", lambda: now[0])
    mend_aiokafka()
    await tokens.token()
    now[0] += UNTRIED_S
    with pytest.raises(type(error)):
        await AIOKafkaConnection("127.0.0.1", 1, sasl_oauth_token_provider=tokens).connect()
    assert await tokens.token() == then
