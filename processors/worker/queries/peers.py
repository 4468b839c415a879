"""Asks other workers of the group over HTTP."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

import aiohttp
import msgspec
import orjson
from aiohttp.hdrs import AUTHORIZATION, CONTENT_TYPE, ETAG, METH_GET, METH_POST, RETRY_AFTER
from yarl import URL

from bridge.http.bearer_keys import BearerKeys
from processors.worker.queries.answer import RETRY_S, Answer
from processors.worker.queries.caller import Caller
from processors.worker.queries.owners import AwayError
from processors.worker.queries.questions import Asked, Told, packed, read_told
from processors.worker.queries.room import Room

FORWARDED: Final = "X-Bridge-Forwarded"
"""Header of a worker's request. Whoever gets it asks no other worker: two that disagree about the owner would ask each
other."""
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)
WITHIN_S: Final = 4.0
"""Less than `_TIMEOUT`: an owner that waits for a transaction or for Kafka says so before its caller gives up."""
QUESTIONS: Final = "/internal/questions"
"""Where a worker answers other workers about its partitions; not part of the API."""
_ANSWERS: Final = frozenset({200, 400, 404, 503})
_READ_BYTES: Final = 16 << 20
"""Limit for all answers that are being read. A larger one, as of a large order, is read alone."""


class Peers:
    """Other workers of the group. `meant` gives the headers that name this deployment: an address that the group knows
    may be another deployment's by now."""

    def __init__(self, client: aiohttp.ClientSession, keys: BearerKeys, meant: Callable[[], Mapping[str, str]]) -> None:
        self._client, self._keys, self._meant, self._room = client, keys, meant, Room(_READ_BYTES)

    async def ask(self, worker: str, path: str, caller: Caller, body: bytes | None = None) -> Answer:
        """The answer of the worker at this URL to a GET, or to a POST of a JSON `body`. AwayError: it does not answer,
        or not as a worker of this version does."""
        answer, content = await self._sent(worker, path, caller, body)
        if answer.status not in _ANSWERS:
            raise AwayError(f"the worker at {worker} answers {answer.status}")
        if answer.status == 404 and _title(content) == HTTPStatus.NOT_FOUND.phrase:
            # The peer's router does not know the path: a 404 about an order has a title of its own.
            raise AwayError(f"the worker at {worker} is of another version")
        retry = _retry_s(answer) if answer.status == 503 else None
        return Answer(answer.status, content, answer.headers.get(ETAG), retry)

    async def tell(self, worker: str, asked: Asked, caller: Caller) -> Told:
        """What the worker says about its partitions. AwayError: as for `ask`, or it does not have one of them."""
        answer, content = await self._sent(worker, QUESTIONS, caller, packed(asked))
        if answer.status == 200:
            try:
                return read_told(content)
            except msgspec.MsgspecError as error:
                raise AwayError(f"the worker at {worker} is of another version") from error
        raise AwayError(f"the worker at {worker} {_why(answer.status, content)}", _retry_s(answer))

    async def _sent(
        self, worker: str, path: str, caller: Caller, body: bytes | None
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        url, headers = URL(f"{worker}{path}", encoded=True), self._headers(caller)
        if body is not None:
            headers[CONTENT_TYPE] = "application/json"
        method = METH_GET if body is None else METH_POST
        try:
            async with (
                self._client.request(method, url, data=body, headers=headers, timeout=_TIMEOUT) as answer,
                self._room.of(answer.content_length or 0),
            ):
                return answer, await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _silent(worker, error) from error

    def _headers(self, caller: Caller) -> dict[str, str]:
        shown = caller.authorization
        if shown is None and (own := self._keys.first) is not None:
            shown = f"Bearer {own.decode()}"
        return {**self._meant(), FORWARDED: "1"} | ({AUTHORIZATION: shown} if shown else {})


def _silent(worker: str, error: Exception) -> AwayError:
    how = f" ({type(error).__name__})"
    if isinstance(error, TimeoutError):
        how = f" within {_TIMEOUT.total:g} s"
    elif isinstance(error, aiohttp.ClientConnectorError):
        how = ": it cannot be reached"
    return AwayError(f"the worker at {worker} does not answer{how}")


def _retry_s(answer: aiohttp.ClientResponse) -> int:
    """The answer's `Retry-After`: a halted lane's is longer."""
    said = answer.headers.get(RETRY_AFTER, "")
    return int(said) if said.isdecimal() else RETRY_S


def _title(content: bytes) -> str | None:
    try:
        title: str | None = orjson.loads(content).get("title")
    except (ValueError, AttributeError):
        return HTTPStatus.NOT_FOUND.phrase
    return title


def _why(status: int, content: bytes) -> str:
    try:
        detail = orjson.loads(content).get("detail") if status == 503 else None
    except (ValueError, AttributeError):
        detail = None
    return f"says: {detail}" if detail else f"answers {status}"
