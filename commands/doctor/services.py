"""What running services report about themselves."""

import asyncio
from collections.abc import Awaitable, Collection, Iterator, Sequence
from typing import Final, NamedTuple

from aiohttp import ClientSession
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from bridge.kafka.words import DOCTOR_TRIES
from bridge.refusals import Refusal
from bridge.settings import Settings
from commands.doctor.finding import Finding, ok, unknown, warning, wrong
from commands.terminal.certificates import ending_certificates
from commands.terminal.disks import low_disk
from commands.terminal.members import addresses, members
from commands.terminal.remedies import (
    OF_A_FOREIGN_INGRESS,
    OF_A_FOREIGN_WORKER,
    OF_A_HANG,
    causes,
    of_another_tenant,
    remedy,
)
from commands.terminal.services import Service, look_at, operations_url, session
from commands.terminal.words import in_words

_UNLIKE_S, _TOO_UNLIKE_S = 5.0, 300.0
"""Seconds between two clocks. Kafka refuses deliveries if the ingress's clock is an hour ahead of the brokers' or half
a day behind. Verdicts depend on the ingress's clock, too."""
_ALARMS: Final = frozenset({"tenant"})
"""Warnings with which a service goes on, though everything it does is wrong."""
_MEMBERS_WITHIN_S: Final = 1.5
"""Short, because the workers that it names are asked afterwards, and all must end within 5 s."""
_CAUSES: Final = frozenset({"brokers", "kafka", "permissions", "topics", "rules", "disk"})
"""If one of these is wrong, a service's problems may follow from it."""


class Asked(NamedTuple):
    """The answers. `untold`: why some workers were not asked, if so."""

    ingress: Service
    workers: Sequence[Service]
    untold: Sequence[Finding]


async def services(settings: Settings, let_in: Awaitable[Settings | None]) -> Asked:
    """Ask the ingress, the settings' worker, and the workers in the group. `let_in`: settings with only a broker that
    lets us in, which knows the group; None: there is none."""
    url = operations_url(settings, settings.worker_url)
    async with session() as asking:
        ingress, known, (others, untold) = await asyncio.gather(
            look_at(asking, "ingress", operations_url(settings, settings.ingress_url)),
            look_at(asking, "worker", url),
            _others(asking, settings, url, let_in),
        )
    is_elsewhere = known.silence is not None and not known.hangs and any(each.silence is None for each in others)
    return Asked(ingress, others if is_elsewhere else [known, *others], untold)


async def _others(
    asking: ClientSession, settings: Settings, known: str, let_in: Awaitable[Settings | None]
) -> tuple[list[Service], list[Finding]]:
    """The group's other workers; or why they are not known."""
    whom = await let_in
    if whom is None:
        return [], []
    try:
        async with asyncio.timeout(_MEMBERS_WITHIN_S):
            found = await members(whom)
    except GroupAuthorizationFailedError:
        return [], [_untold(known, "this user may not see who is in the group")]
    except (Refusal, KafkaError, OSError) as error:
        return [], [_untold(known, in_words(error, whom).removesuffix(DOCTOR_TRIES))]
    urls = (url for url in addresses(settings, found) if url != known)
    return [*await asyncio.gather(*(look_at(asking, "worker", url) for url in urls))], []


def _untold(known: str, why: str) -> Finding:
    return unknown("services", f"only the worker at {known} is asked: {why}")


def findings_of_all(settings: Settings, asked: Asked, before: Collection[str], now: float) -> Iterator[Finding]:
    """Findings on all services. `before`: checks that are wrong already; `now` in seconds since 1970."""
    yield from findings_of(settings, "ingress", asked.ingress, now, before)
    for worker in asked.workers:
        yield from findings_of(settings, "worker", worker, now, before)
    yield from asked.untold


def findings_of(
    settings: Settings, name: str, service: Service, now: float, before: Collection[str] = ()
) -> Iterator[Finding]:
    """Findings on one service."""
    if service.silence is not None:
        if service.hangs:
            yield wrong("services", f"the {name} at {service.url} does not answer: {service.silence}", OF_A_HANG)
            return
        url = settings.ingress_url if name == "ingress" else settings.worker_url
        is_set = service.url == operations_url(settings, url)
        says = f"BRIDGE_{name.upper()}_URL says" if is_set else "its BRIDGE_WORKER_ADVERTISED_URL says, by its group"
        yield unknown("services", f"no {name} answers at {service.url} ({service.silence}; it is asked where {says})")
        return
    if (foreign := service.foreign(settings)) is not None:
        yield wrong("services", foreign, OF_A_FOREIGN_INGRESS if name == "ingress" else OF_A_FOREIGN_WORKER)
        return
    if (other := service.other_tenant(settings)) is not None:
        yield wrong("services", f"the {name} is of another tenant: {other}", of_another_tenant(name))
    yield from _disk(service)
    who = f"the {name} at {service.url}"
    yield from _clock(f"the clock of {who}", service.clock_ahead_s)
    for ending in ending_certificates(who, service, now):
        kind = wrong if ending.has_ended else warning
        yield kind("tls", ending.what, ending.remedy)
    yield from _said(settings, who, service, before)


def _said(settings: Settings, who: str, service: Service, before: Collection[str]) -> Iterator[Finding]:
    """What the service itself reports."""
    cause = _cause(service, before)
    if service.ready:
        yield ok("services", f"{who} is ready")
    for check, what in causes(service.problems).items():
        remedies = filter(None, [remedy(settings, check, what, cause=cause, beside=service.problems)])
        yield wrong("services", f"{who} is not ready: {check}: {what.removesuffix(DOCTOR_TRIES)}", *remedies)
    for check, what in service.warnings.items():
        kind = wrong if check in _ALARMS else warning
        remedies = filter(None, [remedy(settings, check, what)])
        yield kind("services", f"{who} says of its {check}: {what}", *remedies)


def _cause(service: Service, before: Collection[str]) -> str | None:
    """Known problems from which the service's own may follow."""
    low = low_disk(service)
    own = {
        "clock": service.clock_ahead_s is not None and abs(service.clock_ahead_s) >= _TOO_UNLIKE_S,
        "disk": low is not None and low.is_full,
    }
    found = sorted(_CAUSES.intersection(before) | {check for check, is_wrong in own.items() if is_wrong})
    return f"what is wrong with {' and '.join(found)}" if found else None


def _disk(service: Service) -> Iterator[Finding]:
    """The disk of a worker, which may be on another machine."""
    if (low := low_disk(service)) is not None:
        kind = wrong if low.is_full else warning
        yield kind("disk", low.what, low.remedy)


def _clock(whose: str, ahead_s: float | None) -> Iterator[Finding]:
    if ahead_s is None or abs(ahead_s) < _UNLIKE_S:
        return
    kind = wrong if abs(ahead_s) >= _TOO_UNLIKE_S else warning
    which = "ahead of" if ahead_s > 0 else "behind"
    yield kind("clock", f"{whose} is {abs(ahead_s):.0f} s {which} this machine's", "run an NTP client on both")
