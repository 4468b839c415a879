"""What the services say of themselves, if they run."""

import asyncio
from collections.abc import Iterator
from typing import Final

from bridge.settings import Settings
from commands.doctor.finding import Finding, ok, unknown, warning, wrong
from commands.terminal.disks import low_disk
from commands.terminal.remedies import OF_A_FOREIGN_WORKER, OF_A_HANG, OF_ANOTHER_TENANT, causes, remedy
from commands.terminal.services import Service, look_at, operations_url, session

_UNLIKE_S, _TOO_UNLIKE_S = 5.0, 300.0
"""Of two clocks. An hour ahead of the brokers', every delivery is refused; verdicts go by the ingress's."""
_ALARMS: Final = frozenset({"tenant"})
"""Warnings of a service that goes on with them, while nothing of it is as it should be."""


async def services(settings: Settings) -> list[Finding]:
    """Of the ingress and one worker."""
    urls = {"ingress": settings.ingress_url, "worker": settings.worker_url}
    async with session() as asking:
        seen = await asyncio.gather(*(look_at(asking, operations_url(settings, url)) for url in urls.values()))
    return [
        finding for name, service in zip(urls, seen, strict=True) for finding in findings_of(settings, name, service)
    ]


def findings_of(settings: Settings, name: str, service: Service) -> Iterator[Finding]:
    """What is to be said of a service."""
    if service.silence is not None:
        if service.hangs:
            yield wrong("services", f"the {name} at {service.url} does not answer: {service.silence}", OF_A_HANG)
            return
        setting = f"BRIDGE_{name.upper()}_URL"
        why = f"{service.silence}; it is asked where {setting} says"
        yield unknown("services", f"no {name} answers at {service.url} ({why})")
        return
    if (foreign := service.foreign(settings)) is not None:
        yield wrong("services", foreign, OF_A_FOREIGN_WORKER)
        return
    if (other := service.other_tenant(settings)) is not None:
        yield wrong("services", f"the {name} is of another tenant: {other}", OF_ANOTHER_TENANT)
    yield from _disk(service)
    if service.ready:
        yield ok("services", f"the {name} at {service.url} is ready")
    for check, what in causes(service.problems).items():
        remedies = filter(None, [remedy(settings, check, what)])
        yield wrong("services", f"the {name} is not ready: {check}: {what}", *remedies)
    for check, what in service.warnings.items():
        kind = wrong if check in _ALARMS else warning
        remedies = filter(None, [remedy(settings, check, what)])
        yield kind("services", f"the {name} says of its {check}: {what}", *remedies)
    yield from _clock(name, service.clock_ahead_s)


def _disk(service: Service) -> Iterator[Finding]:
    """That of a worker, which need not be this machine's."""
    if (low := low_disk(service)) is not None:
        kind = wrong if low.is_full else warning
        yield kind("disk", low.what, low.remedy)


def _clock(name: str, ahead_s: float | None) -> Iterator[Finding]:
    if ahead_s is None or abs(ahead_s) < _UNLIKE_S:
        return
    kind = wrong if abs(ahead_s) >= _TOO_UNLIKE_S else warning
    which = "ahead of" if ahead_s > 0 else "behind"
    what = f"the {name}'s clock is {abs(ahead_s):.0f} s {which} this machine's"
    yield kind("clock", what, "run an NTP client on both")
