"""What a service reports over HTTP without a key: readiness, warnings and metrics."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final, Literal, NamedTuple

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
)
from prometheus_client.parser import text_string_to_metric_families
from yarl import URL

from bridge.intake import WEBHOOK
from bridge.printable import printable
from bridge.settings import Settings
from commands.terminal.no_answer import no_answer_in_words

PATIENCE_S: Final = 3.0
_CONNECT_S: Final = 2.5
"""To connect, within `PATIENCE_S`: a port that accepts nobody is another problem than one that accepts and says
nothing."""
MOST_BYTES: Final = 4 << 20
"""Most bytes of an answer: the metrics of a worker with 1,000 lanes have 1 MB."""


class Sample(NamedTuple):
    """A metric's value and labels."""

    labels: Mapping[str, str]
    value: float


Metrics = Mapping[str, Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class Service:
    """What was heard at `url`. `silence`: why there was no answer. Then only `hangs` is known as well: the service
    accepted the connection and said nothing, so starting it would not help.

    `problems` make it unready, `warnings` do not; both by check. `clock_ahead_s`: how far its clock is ahead of ours,
    to about a second; None: unknown. `heard_at`: when it told its metrics, by `time.monotonic()`; None: it told none.
    """

    url: str
    silence: str | None = None
    hangs: bool = False
    ready: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)
    warnings: Mapping[str, str] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=dict)
    clock_ahead_s: float | None = None
    heard_at: float | None = None

    def sum(self, name: str, **labels: str) -> float | None:
        """Sum of a metric's samples with these labels; None: it has none."""
        values = [each.value for each in self.metrics.get(name, ()) if labels.items() <= each.labels.items()]
        return sum(values) if values else None

    def other_tenant(self, settings: Settings) -> str | None:
        """A sentence if the service has another tenant; None: it has not, or does not tell."""
        told = (sample.labels["tenant"] for sample in self.metrics.get("bridge_deployment_info", ()))
        others = [printable(tenant) for tenant in told if tenant != settings.tenant]
        return f"BRIDGE_TENANT is {others[0]} at {self.url}, and {settings.tenant} here" if others else None

    def foreign(self, settings: Settings) -> str | None:
        """A sentence if the service is of another deployment; None: it is of this one, or does not tell.

        It tells by its prefix. A worker of a version that does not, by the topics that it reads.
        """
        for sample in self.metrics.get("bridge_deployment_info", ()):
            of = sample.labels.get("topic_prefix", settings.topic_prefix)
            if of != settings.topic_prefix:
                theirs = f"BRIDGE_TOPIC_PREFIX is {printable(of)} at {self.url}"
                who = f"the {sample.labels['service']} is of another deployment"
                return f"{who}: {theirs}, and {settings.topic_prefix} here"
        told = {sample.labels["topic"] for sample in self.metrics.get("bridge_lane_state", ())}
        if not told or told & {settings.topics.raw, settings.topics.orders}:
            return None
        return f"the worker at {self.url} reads {min(told)}, and nothing of {settings.topic_prefix}.*"


def webhook_url(settings: Settings) -> str:
    """The URL where the ingress takes events."""
    return f"{settings.ingress_url.rstrip('/')}{WEBHOOK}"


def operations_url(settings: Settings, url: str) -> str:
    """The URL of health and metrics of the service at `url`. If `url` is invalid, it is returned."""
    if settings.ops_port is None:
        return url.rstrip("/")
    try:
        return str(URL(url).with_port(settings.ops_port).origin())
    except ValueError:
        return url.rstrip("/")  # the request will report what is wrong with it


async def look_at(session: ClientSession, name: Literal["ingress", "worker"], url: str) -> Service:
    """Ask one service. If the other service answers, this one counts as silent: on one host, both URLs may lead to one
    ops port."""
    try:
        health, (metrics, heard_at) = await asyncio.gather(_health(session, url), _metrics(session, url))
        _refuse_another(name, metrics)
    except ConnectionTimeoutError:
        return Service(url, silence=f"no connection within {_CONNECT_S:g} s, not even a refusal")
    except TimeoutError:
        why = f"it takes connections, and then says nothing for {PATIENCE_S:g} s: it is frozen, or overloaded"
        return Service(url, silence=why, hangs=True)
    except (ClientError, ValueError) as error:
        return Service(url, silence=no_answer_in_words(error))
    return Service(url, metrics=metrics, heard_at=heard_at, **health._asdict())


def session() -> ClientSession:
    """A session for `look_at`."""
    return ClientSession(timeout=ClientTimeout(total=PATIENCE_S, connect=_CONNECT_S))


class _Health(NamedTuple):
    ready: bool
    problems: Mapping[str, str]
    warnings: Mapping[str, str]
    clock_ahead_s: float | None


async def _health(session: ClientSession, url: str) -> _Health:
    async with session.get(f"{url}/readyz?verbose") as answer:
        text = await _text(answer)
        if answer.status not in {200, 503} or not text.startswith("["):
            raise ValueError(f"answers {answer.status}, and not like a service of the bridge")
        return _Health(answer.status == 200, _lines(text, "[-]"), _lines(text, "[!]"), _ahead(answer))


async def _metrics(session: ClientSession, url: str) -> tuple[Metrics, float]:
    """The metrics, and when they came."""
    async with session.get(f"{url}/metrics") as answer:
        heard_at = time.monotonic()
        text = await _text(answer) if answer.status == 200 else ""
    found: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(Sample(sample.labels, sample.value))
    return found, heard_at


def _refuse_another(name: str, metrics: Metrics) -> None:
    """ValueError: the other service answers. If it does not say which it is, it is believed."""
    told = {sample.labels.get("service") for sample in metrics.get("bridge_build_info", ())}
    if told and name not in told:
        raise ValueError("another service of the bridge answers there")


async def _text(answer: ClientResponse) -> str:
    body = await answer.content.read(MOST_BYTES)
    while not answer.content.at_eof():
        if len(body) >= MOST_BYTES:
            raise ValueError(f"answers with more than {MOST_BYTES} bytes")
        body += await answer.content.read(MOST_BYTES)
    return body.decode("utf-8", "backslashreplace")


def _lines(text: str, mark: str) -> dict[str, str]:
    """Name -> words, from lines such as `[-]topics: what is wrong`."""
    marked = (line.removeprefix(mark).partition(": ") for line in text.splitlines() if line.startswith(mark))
    return {name: words for name, _, words in marked}


def _ahead(answer: ClientResponse) -> float | None:
    said = answer.headers.get("Date")
    try:
        return None if said is None else parsedate_to_datetime(said).timestamp() - time.time()
    except ValueError:
        return None
