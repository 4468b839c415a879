"""Refuses requests that are meant for another deployment: a command would show the wrong orders, or erase them.

A caller names the deployment that it means as far as it knows it. What it does not name is not checked.
"""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from bridge.http.answers import problem
from bridge.settings import Settings

TOPIC_PREFIX: Final = "X-Bridge-Topic-Prefix"
"""Header with `BRIDGE_TOPIC_PREFIX`, which no two deployments of a Kafka cluster share."""
TENANT: Final = "X-Bridge-Tenant"
"""Header with `BRIDGE_TENANT`, percent-encoded: deployments on different clusters may have the same prefix."""
KAFKA_CLUSTER: Final = "X-Bridge-Kafka-Cluster"
"""Header with the cluster's id, as Kafka says it: staging and production may share prefix and tenant."""
ANOTHER_DEPLOYMENT: Final = "Another Deployment"
"""Title of the refusal, which tells it from others with the same status; the detail names the header."""
_MISDIRECTED: Final = 421


def meant_headers(settings: Settings, cluster_id: str | None = None) -> dict[str, str]:
    """The headers that name the deployment of these settings; `cluster_id`: that of its Kafka, where known."""
    said = {TOPIC_PREFIX: settings.topic_prefix, TENANT: quote(settings.tenant, safe="")}
    return said if cluster_id is None else said | {KAFKA_CLUSTER: cluster_id}


def peer_headers(settings: Settings, cluster_id: str | None) -> dict[str, str]:
    """The headers for workers of the same group, without the tenant: a worker that has another tenant by mistake still
    has partitions, and /readyz warns of it."""
    return {name: value for name, value in meant_headers(settings, cluster_id).items() if name != TENANT}


def refuse_other_deployments(settings: Settings, cluster_id: Callable[[], str | None]) -> Any:
    """A middleware that refuses requests for another deployment with 421, before anything is changed.

    `cluster_id` gives the id of this deployment's Kafka; None until Kafka has told it: until then no order is known.
    """

    @web.middleware
    async def check(request: web.Request, handler: Any) -> web.StreamResponse:
        for name, own in meant_headers(settings, cluster_id()).items():
            if request.headers.get(name, own) != own:
                return problem(_MISDIRECTED, ANOTHER_DEPLOYMENT, f"`{name}` is not that of this worker.")
        answer: web.StreamResponse = await handler(request)
        return answer

    return check
