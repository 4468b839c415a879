"""Requests to a worker over HTTP, with its first key."""

import asyncio
import json
from collections.abc import Collection, Coroutine, Mapping
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout, ConnectionTimeoutError
from yarl import URL

from bridge.refusals import Refusal
from bridge.settings import Settings
from commands.terminal.first_contact import waiting_for
from commands.terminal.no_answer import no_answer_in_words
from commands.terminal.output import fail
from commands.terminal.remedies import OF_A_CLUSTERS_WORKER, OF_A_FOREIGN_WORKER, OF_A_HANG, OF_A_TENANTS_WORKER
from processors.worker.other_deployments import ANOTHER_DEPLOYMENT, KAFKA_CLUSTER, TENANT, meant_headers

T = TypeVar("T")

_ANSWER_WITHIN_S: Final = 15.0
_CONNECT_S: Final = 10.0
_UNKNOWN: Final = ("Unknown order", "Unknown event", "No such gap")
"""A worker's titles for something unknown. Any other 404 is from something else, such as a proxy or an ingress."""


class NoAnswer(Refusal):
    """No worker answers, or none does what it is asked."""


class Reply(NamedTuple):
    """A worker's answer: an expected status, and the document, empty if it is no JSON object."""

    status: int
    document: dict[str, Any]


def answered(task: Coroutine[Any, Any, T]) -> T:
    """Run requests to a worker without Kafka; exits 2 if none answers."""
    try:
        return asyncio.run(task)
    except NoAnswer as error:
        fail(str(error))


def order_path(order_id: str, rest: str = "") -> str:
    """The path of an order, escaped, because an id may hold a slash; `rest` is escaped already."""
    return f"/orders/{quote(order_id, safe='')}{rest}"


def unknown_order(order_id: str, reply: Reply) -> str:
    """A sentence on a 404 of an order: since when it is gone, or that it was never seen."""
    detail = reply.document.get("detail")
    return f"Order {order_id}: {detail}." if detail else f"No event of order {order_id} has been seen."


async def ask(
    settings: Settings,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    expected: Collection[int] = (200,),
    away: str = "The worker is not ready",
    cluster_id: str | None = None,
) -> Reply:
    """The answer to a GET of an escaped path, or to a POST of `body`. `away`: what 503 means.

    NoAnswer: nobody answers, or a worker of another deployment does, or one with a status that is not in `expected`.
    `cluster_id`: of our Kafka, so that a worker of another one refuses. Commands that only read may omit it, as they
    need not have asked Kafka.
    """
    url = f"{settings.worker_url.rstrip('/')}{path}{f'?{urlencode(query)}' if query else ''}"
    keys = settings.worker_api_keys
    headers = meant_headers(settings, cluster_id)
    if keys:
        headers["Authorization"] = f"Bearer {keys[0].get_secret_value()}"
    try:
        address = URL(url, encoded=True)  # keeps %2F, a slash in an id
    except ValueError:
        raise NoAnswer(f"{settings.worker_url} is no address: set BRIDGE_WORKER_URL.") from None
    method, timeout = "GET" if body is None else "POST", ClientTimeout(total=_ANSWER_WITHIN_S, connect=_CONNECT_S)
    try:
        async with (
            waiting_for(settings.worker_url),
            ClientSession(timeout=timeout, headers=headers) as session,
            session.request(method, address, json=body) as response,
        ):
            reply = Reply(response.status, _object(await response.read()))
            if reply.status not in expected:
                raise NoAnswer(_refusal(reply, settings, away, response.headers.get("Retry-After")))
    except (ClientError, TimeoutError) as error:
        raise NoAnswer(f"No worker answers at {settings.worker_url} {_why(error)}.") from None
    if reply.status == 404 and reply.document.get("title") not in _UNKNOWN:
        raise NoAnswer(no_worker(settings))
    return reply


def _why(error: Exception) -> str:
    """Why, and what to do. A service that accepted the connection runs already: starting it would not help."""
    if isinstance(error, TimeoutError) and not isinstance(error, ConnectionTimeoutError):
        return f"(it takes connections, and says nothing for {_ANSWER_WITHIN_S:g} s): {OF_A_HANG}"
    return f"({no_answer_in_words(error)}): start it, or set BRIDGE_WORKER_URL"


def no_worker(settings: Settings) -> str:
    """A sentence on an answer that is not a worker's."""
    return f"What answers at {settings.worker_url} is no worker of the bridge: set BRIDGE_WORKER_URL."


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _foreign(detail: str, settings: Settings) -> str:
    if TENANT in detail:
        return f"is of another tenant than {settings.tenant}: {OF_A_TENANTS_WORKER}"
    if KAFKA_CLUSTER in detail:
        return f"is of another Kafka than the one that was asked here: {OF_A_CLUSTERS_WORKER}"
    return f"reads nothing of {settings.topic_prefix}.*: {OF_A_FOREIGN_WORKER}"


def _refusal(reply: Reply, settings: Settings, away: str, retry_after: str | None) -> str:
    status, url = reply.status, settings.worker_url
    if status == 421 and reply.document.get("title") == ANOTHER_DEPLOYMENT:
        return f"The worker at {url} {_foreign(str(reply.document.get('detail')), settings)}."
    if status == 401:
        return f"The worker at {url} does not accept the first of BRIDGE_WORKER_API_KEYS."
    if status == 421:
        return f"The worker at {url} asks for no key, so it answers to no such name: ask by its address, or set keys."
    if status == 503:
        when = f" in {retry_after} s" if retry_after else ""
        return f"{away}: ask again{when}."
    return f"The worker at {url} answered {status}."
