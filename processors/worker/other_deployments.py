"""Whose worker this is: a command sent to another deployment's would show its orders as its own, or erase them.

A caller that knows which deployment it means says so. One that does not is answered as ever.
"""

from typing import Any, Final

from aiohttp import web

from bridge.http.answers import problem

TOPIC_PREFIX: Final = "X-Bridge-Topic-Prefix"
"""The header by which a caller says it: `BRIDGE_TOPIC_PREFIX`, which no two deployments of a Kafka cluster share."""
ANOTHER_DEPLOYMENT: Final = "Another Deployment"
"""The title of the refusal, by which others with the same status are told from it."""
_MISDIRECTED: Final = 421


def refuse_other_deployments(topic_prefix: str) -> Any:
    """A middleware: requests that mean a deployment with another prefix than this are refused, before anything is
    changed."""

    @web.middleware
    async def check(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get(TOPIC_PREFIX, topic_prefix) == topic_prefix:
            answer: web.StreamResponse = await handler(request)
            return answer
        return problem(_MISDIRECTED, ANOTHER_DEPLOYMENT, f"`{TOPIC_PREFIX}` is not that of this worker.")

    return check
