"""Reads bodies that are posted to the worker's port: each within a time and a size, all together within a budget. The
ingress has its own (`ingress.in_flight`)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from bridge.http.bounds import BODY_S, Budget
from processors.worker.queries.owners import AwayError

TOGETHER_BYTES: Final = 8 * 1024 * 1024
"""Of all bodies that are being read, or whose requests have no answer yet."""


class Bodies:
    """Bodies of one kind of caller: callers without a key must not take the room of those with one."""

    def __init__(self) -> None:
        self._budget = Budget(TOGETHER_BYTES)

    @asynccontextmanager
    async def read(self, request: web.Request, most: int) -> AsyncIterator[bytes]:
        """The whole body, which counts until the block ends.

        HTTPRequestEntityTooLarge: it has more than `most` bytes. HTTPRequestTimeout: it did not come within `BODY_S`.
        `as_problems` answers both. AwayError: there is no room for it now.
        """
        if request.content_length is not None and request.content_length > most:
            raise web.HTTPRequestEntityTooLarge(most, request.content_length)
        body = bytearray()
        try:
            await self._read(request, most, body)
            yield bytes(body)
        finally:
            self._budget.change(-len(body))

    async def _read(self, request: web.Request, most: int, body: bytearray) -> None:
        """Read into `body`, and count all that is in it, even if an error ends the reading."""
        try:
            async with asyncio.timeout(BODY_S):
                while piece := await request.content.readany():
                    body += piece
                    if not self._budget.change(len(piece)):
                        raise AwayError("bodies of other requests take all the room there is for them")
                    if len(body) > most:
                        raise web.HTTPRequestEntityTooLarge(most, len(body))
        except TimeoutError:
            request.protocol.close()  # after this answer: what still comes belongs to no request
            raise web.HTTPRequestTimeout from None
