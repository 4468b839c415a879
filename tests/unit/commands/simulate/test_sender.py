"""The sender against a receiver on loopback that answers by a script."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bridge.refusals import NobodyAnswers
from commands.simulate.event import Delivery
from commands.simulate.run import SendingResult
from commands.simulate.sender import Sending, send
from schemas.outcome import Outcome

Answer = Callable[[web.Request], Awaitable[int]]
BODIES = [b"first", b"second", b"third"]


@asynccontextmanager
async def receiver(answer: Answer) -> AsyncIterator[str]:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(status=await answer(request))

    app = web.Application()
    app.router.add_post("/", handle)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


def script(*statuses: int) -> Answer:
    """These statuses one after the other, then 200."""
    left = list(statuses)

    async def answer(_: web.Request) -> int:
        return left.pop(0) if left else 200

    return answer


async def run(answer: Answer, bodies: list[bytes] = BODIES, **how: float) -> SendingResult:
    outcome = SendingResult()
    async with receiver(answer) as url:
        sending = Sending(url, concurrency=1, backoff=0.001, throttled_for=0.001, **how)  # type: ignore[arg-type]
        await send([Delivery(Outcome.UNIQUE, body) for body in bodies], sending, outcome, lambda: None)
    return outcome


async def test_every_body_arrives_byte_for_byte_with_the_key() -> None:
    arrived: list[tuple[bytes, str, str]] = []

    async def answer(request: web.Request) -> int:
        arrived.append((await request.read(), request.headers["Authorization"], request.content_type))
        return 200

    async with receiver(answer) as url:
        sent = [Delivery(Outcome.UNIQUE, body) for body in BODIES]
        await send(sent, Sending(url, api_key="k"), SendingResult(), lambda: None)
    assert sorted(arrived) == sorted((body, "Bearer k", "application/json") for body in BODIES)


async def test_500_and_429_are_retried_until_accepted() -> None:
    outcome = await run(script(500, 429, 500))
    assert (outcome.accepted, outcome.retries, outcome.undelivered) == (3, 3, 0)
    assert outcome.answers == {"200": 3, "500": 2, "429": 1}
    assert not outcome.interruptions


async def test_400_is_final_and_not_retried() -> None:
    outcome = await run(script(400))
    assert (outcome.rejected, outcome.accepted, outcome.retries, outcome.undelivered) == (1, 2, 0, 1)


async def test_any_other_code_interrupts_the_stream() -> None:
    outcome = await run(script(503, 202))
    assert (outcome.interruptions, outcome.accepted) == (2, 3)


async def test_an_interrupted_stream_stands_still_for_all_and_is_interrupted_once() -> None:
    """Calls under way do not stop the stream again, and no call is made before it goes on."""
    waiting: list[asyncio.Event] = []
    at_once: list[int] = []

    async def answer(_: web.Request) -> int:
        if len(at_once) < 4:
            at_once.append(len(at_once))
            waiting.append(mine := asyncio.Event())
            if len(waiting) == 4:
                waiting.pop(0).set()
            await mine.wait()
            for other in waiting:
                other.set()
            return 503
        return 200

    outcome = SendingResult()
    async with receiver(answer) as url:
        sent = [Delivery(Outcome.UNIQUE, b"%d" % number) for number in range(8)]
        await send(sent, Sending(url, concurrency=4, backoff=0.2), outcome, lambda: None)
    assert (outcome.interruptions, outcome.answers["503"], outcome.accepted) == (1, 4, 8)


async def test_the_rejected_list_overflows_and_the_rest_goes_on() -> None:
    bodies = [b"%d" % number for number in range(40)]
    outcome = await run(script(*[400] * 33), bodies)
    assert (outcome.rejected, outcome.overflowed, outcome.accepted) == (33, 3, 7)


async def test_what_is_sent_is_counted_as_it_goes_and_may_be_endless() -> None:
    outcome, taken = SendingResult(), itertools.count()
    endless = (
        Delivery(Outcome.UNIQUE, b"x", "order.created")
        for _ in itertools.takewhile(lambda _: next(taken) < 50, itertools.count())
    )
    async with receiver(script()) as url:
        await send(endless, Sending(url), outcome, lambda: None)
    assert (outcome.deliveries, outcome.expected, outcome.events) == (50, {"unique": 50}, {"order.created": 50})


@pytest.mark.thorough
async def test_a_slow_answer_interrupts_the_stream() -> None:
    released = asyncio.Event()
    slow = [True]

    async def answer(_: web.Request) -> int:
        if slow:
            slow.clear()
            await released.wait()
        return 200

    outcome = await run(answer, answer_within=0.5)
    released.set()
    assert (outcome.interruptions, outcome.answers["none"], outcome.accepted) == (1, 1, 3)


async def test_patience_ends_and_the_delivery_is_given_up() -> None:
    async def answer(_: web.Request) -> int:
        return 500

    outcome = await run(answer, patience=0.01)
    assert (outcome.given_up, outcome.accepted, outcome.undelivered) == (3, 0, 3)


async def test_progress_is_told_once_a_delivery() -> None:
    told: list[None] = []
    async with receiver(script(500, 400)) as url:
        sent = [Delivery(Outcome.UNIQUE, body) for body in BODIES]
        await send(sent, Sending(url, backoff=0.001), SendingResult(), lambda: told.append(None))
    assert len(told) == 3


async def test_nobody_there_is_said_at_once() -> None:
    with pytest.raises(NobodyAnswers, match="Nothing listens"):
        await send(
            [Delivery(Outcome.UNIQUE, b"x")] * 20,
            Sending(f"http://127.0.0.1:{unused_port()}/"),
            SendingResult(),
            lambda: None,
        )


@pytest.mark.parametrize("url", ["localhost:8080/x", "127.0.0.1:8080", "ftp://a/b", "http://[::1", "x"])
async def test_what_is_no_address_is_said_at_once(url: str) -> None:
    """Without a scheme, an address was taken for a slow receiver and tried for all of the patience."""
    outcome = SendingResult()
    with pytest.raises(NobodyAnswers, match="is no address"):
        await send([Delivery(Outcome.UNIQUE, b"x")], Sending(url, backoff=0.001, patience=0.01), outcome, lambda: None)
    assert not outcome.answers


async def test_a_refused_key_is_said_at_once() -> None:
    with pytest.raises(NobodyAnswers, match="does not accept the key"):
        await run(script(401))


@pytest.mark.parametrize("status", [404, 405])
async def test_what_is_no_ingress_is_said_at_once(status: int) -> None:
    """With a wrong path, each delivery was silently tried for all of --patience, one after the other."""
    with pytest.raises(NobodyAnswers, match=f"is no ingress: it answers {status}"):
        await run(script(status))


async def test_one_that_has_taken_something_is_an_ingress_whatever_a_proxy_answers_later() -> None:
    outcome = await run(script(200, 404))
    assert (outcome.accepted, outcome.interruptions) == (3, 1)
