"""Reading a request's body, whole and in time, behind aiohttp's router."""

import asyncio

from aiohttp import web

from bridge.http.bounds import BODY_S


async def read_body(request: web.Request) -> bytes:
    """Return it. HTTPRequestTimeout: it did not come in time; HTTPRequestEntityTooLarge: it has more than 1 MiB. Both
    `as_problems` answers."""
    try:
        async with asyncio.timeout(BODY_S):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
