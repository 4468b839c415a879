"""Asking other workers."""

from typing import Final

import aiohttp
from aiohttp.hdrs import AUTHORIZATION, ETAG
from yarl import URL

from bridge.http.bearer_keys import BearerKeys
from processors.worker.queries.answer import RETRY_S, Answer
from processors.worker.queries.caller import Caller
from processors.worker.queries.owners import AwayError

FORWARDED: Final = "X-Bridge-Forwarded"
"""A worker asked by a worker answers for itself: two that disagree about the owner must not ask each other."""
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)
_ANSWERS: Final = frozenset({200, 400, 404, 503})


class Peers:
    """Other workers of the group."""

    def __init__(self, client: aiohttp.ClientSession, keys: BearerKeys) -> None:
        self._client, self._keys = client, keys

    async def ask(self, worker: str, path: str, caller: Caller) -> Answer:
        """What the worker at this URL answers to a GET. AwayError: it does not answer, or not like a worker of this
        version."""
        try:
            async with self._client.get(
                URL(f"{worker}{path}", encoded=True), headers=self._headers(caller), timeout=_TIMEOUT
            ) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AwayError(f"the worker at {worker} does not answer ({type(error).__name__})") from error
        if answer.status not in _ANSWERS:
            raise AwayError(f"the worker at {worker} answers {answer.status}")
        retry = RETRY_S if answer.status == 503 else None
        return Answer(answer.status, content, answer.headers.get(ETAG), retry)

    def _headers(self, caller: Caller) -> dict[str, str]:
        shown = caller.authorization
        if shown is None and (own := self._keys.first) is not None:
            shown = f"Bearer {own.decode()}"
        return {FORWARDED: "1"} | ({AUTHORIZATION: shown} if shown else {})
