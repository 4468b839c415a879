"""Whose worker this is: a command sent to another deployment's would show its orders as its own, or erase them.

A caller that knows which deployment it means says so. One that does not, or not all of it, is answered as ever.
"""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from bridge.http.answers import problem
from bridge.settings import Settings

TOPIC_PREFIX: Final = "X-Bridge-Topic-Prefix"
"""The header by which a caller says it: `BRIDGE_TOPIC_PREFIX`, which no two deployments of a Kafka cluster share."""
TENANT: Final = "X-Bridge-Tenant"
"""`BRIDGE_TENANT`, percent-encoded: clusters of their own have deployments of the same prefix."""
KAFKA_CLUSTER: Final = "X-Bridge-Kafka-Cluster"
"""The id of that cluster, as Kafka says it: staging and production may have both in common."""
ANOTHER_DEPLOYMENT: Final = "Another Deployment"
"""The title of the refusal, by which others with the same status are told from it; its detail names the header."""
_MISDIRECTED: Final = 421


def meant_headers(settings: Settings, cluster_id: str | None = None) -> dict[str, str]:
    """The headers that mean the deployment of these settings; `cluster_id`: of its Kafka, where that is known."""
    said = {TOPIC_PREFIX: settings.topic_prefix, TENANT: quote(settings.tenant, safe="")}
    return said if cluster_id is None else said | {KAFKA_CLUSTER: cluster_id}


def peer_headers(settings: Settings, cluster_id: str | None) -> dict[str, str]:
    """Those for workers of the same group. One that has another tenant by mistake still has partitions of its own, and
    /readyz warns of it."""
    return {name: value for name, value in meant_headers(settings, cluster_id).items() if name != TENANT}


def refuse_other_deployments(settings: Settings, cluster_id: Callable[[], str | None]) -> Any:
    """A middleware: requests that mean another deployment than this are refused, before anything is changed.

    `cluster_id` gives that of its Kafka, None before that has said so: nothing is known of orders then, either.
    """

    @web.middleware
    async def check(request: web.Request, handler: Any) -> web.StreamResponse:
        for name, own in meant_headers(settings, cluster_id()).items():
            if request.headers.get(name, own) != own:
                return problem(_MISDIRECTED, ANOTHER_DEPLOYMENT, f"`{name}` is not that of this worker.")
        answer: web.StreamResponse = await handler(request)
        return answer

    return check
