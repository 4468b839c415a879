"""What a service of the bridge says of itself over HTTP: readiness, warnings, and its metrics. No key is needed."""

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
"""Of these. A port that takes nobody is another trouble than one that takes everybody and says nothing."""
MOST_BYTES: Final = 4 << 20
"""Of an answer: a worker with 1,000 lanes tells 1 MB of metrics."""


class Sample(NamedTuple):
    """One value of a metric, with its labels."""

    labels: Mapping[str, str]
    value: float


Metrics = Mapping[str, Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class Service:
    """What was heard at `url`. `silence` says why there was no answer; then nothing else is known, but that one `hangs`
    which took the connection and said nothing: it is there, and starting it is no help.

    `problems` make it unready, `warnings` do not; each by the name of its check. `clock_ahead_s`: how far its clock is
    ahead of ours, to a second or so; None: it did not say.
    """

    url: str
    silence: str | None = None
    hangs: bool = False
    ready: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)
    warnings: Mapping[str, str] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=dict)
    clock_ahead_s: float | None = None

    def sum(self, name: str, **labels: str) -> float | None:
        """Of all samples of a metric that have these labels; None: it tells none."""
        values = [each.value for each in self.metrics.get(name, ()) if labels.items() <= each.labels.items()]
        return sum(values) if values else None

    def other_tenant(self, settings: Settings) -> str | None:
        """What is said of one that was started with another tenant; None: it was not, or does not tell."""
        told = (sample.labels["tenant"] for sample in self.metrics.get("bridge_deployment_info", ()))
        others = [printable(tenant) for tenant in told if tenant != settings.tenant]
        return f"BRIDGE_TENANT is {others[0]} at {self.url}, and {settings.tenant} here" if others else None

    def foreign(self, settings: Settings) -> str | None:
        """What is said of a worker that reads none of this deployment's topics; None: it does, or it tells of none."""
        told = {sample.labels["topic"] for sample in self.metrics.get("bridge_lane_state", ())}
        if not told or told & {settings.topics.raw, settings.topics.orders}:
            return None
        return f"the worker at {self.url} reads {min(told)}, and nothing of {settings.topic_prefix}.*"


def webhook_url(settings: Settings) -> str:
    """Where the ingress takes events."""
    return f"{settings.ingress_url.rstrip('/')}{WEBHOOK}"


def operations_url(settings: Settings, url: str) -> str:
    """Where a service that is reached at `url` answers for its health and metrics; of what is no URL, itself."""
    if settings.ops_port is None:
        return url.rstrip("/")
    try:
        return str(URL(url).with_port(settings.ops_port).origin())
    except ValueError:
        return url.rstrip("/")  # who asks there is told what is wrong with it


async def look_at(session: ClientSession, name: Literal["ingress", "worker"], url: str) -> Service:
    """Ask one service. It is silent where the other one answers: of two on one host both URLs lead to one ops port."""
    try:
        health, metrics = await asyncio.gather(_health(session, url), _metrics(session, url))
        _refuse_another(name, metrics)
    except ConnectionTimeoutError:
        return Service(url, silence=f"no connection within {_CONNECT_S:g} s, not even a refusal")
    except TimeoutError:
        why = f"it takes connections, and then says nothing for {PATIENCE_S:g} s: it is frozen, or overloaded"
        return Service(url, silence=why, hangs=True)
    except (ClientError, ValueError) as error:
        return Service(url, silence=no_answer_in_words(error))
    return Service(url, metrics=metrics, **health._asdict())


def session() -> ClientSession:
    """For `look_at`."""
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


async def _metrics(session: ClientSession, url: str) -> Metrics:
    async with session.get(f"{url}/metrics") as answer:
        text = await _text(answer) if answer.status == 200 else ""
    found: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(Sample(sample.labels, sample.value))
    return found


def _refuse_another(name: str, metrics: Metrics) -> None:
    """One that does not tell which it is is believed."""
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
    """`[-]topics: what is wrong` as name and words."""
    marked = (line.removeprefix(mark).partition(": ") for line in text.splitlines() if line.startswith(mark))
    return {name: words for name, _, words in marked}


def _ahead(answer: ClientResponse) -> float | None:
    said = answer.headers.get("Date")
    try:
        return None if said is None else parsedate_to_datetime(said).timestamp() - time.time()
    except ValueError:
        return None
