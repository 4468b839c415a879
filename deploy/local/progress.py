"""Sends deliveries with two progress bars: accepted by the ingress, and decided by the worker."""

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from aiohttp import ClientSession
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bridge.intake import WEBHOOK
from bridge.settings import Settings
from commands.simulate.event import Delivery
from commands.simulate.run import SendingResult
from commands.simulate.sender import Sending, send
from commands.terminal.output import InertConsole
from schemas.outcome import Outcome as Became

_LOOK_EVERY_S: Final = 0.2
_DECIDED_WITHIN_S: Final = 60.0
_DECIDED: Final = re.compile(r"^bridge_events_total\{.*\} (\S+)$", re.MULTILINE)


async def send_with_progress(console: InertConsole, settings: Settings, sent: Sequence[Delivery]) -> SendingResult:
    """Send everything to the stack's ingress as NewStore would, while the bars move."""
    outcome = SendingResult()
    sending = Sending(
        url=f"http://127.0.0.1:{settings.ingress_port}{WEBHOOK}",
        api_key=settings.ingress_api_keys[0].get_secret_value(),
    )
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        accepted = progress.add_task("accepted by the ingress", total=len(sent))
        raw = sum(delivery.kind is not Became.QUARANTINED for delivery in sent)
        decided = progress.add_task("decided by the worker", total=raw)
        watching = asyncio.create_task(_watch(progress, decided, settings))
        await send(sent, sending, outcome, lambda: progress.advance(accepted))
        await asyncio.wait({watching}, timeout=_DECIDED_WITHIN_S)
        watching.cancel()
        await asyncio.wait({watching})
    return outcome


async def _watch(progress: Progress, decided: TaskID, settings: Settings) -> None:
    """Move the bar until the worker has decided on everything. It is a display only, and proves nothing."""
    async with ClientSession() as session:
        while not progress.tasks[decided].finished:
            async with session.get(f"{settings.worker_url}/metrics") as response:
                text = await response.text()
            progress.update(decided, completed=sum(map(float, _DECIDED.findall(text))))
            await asyncio.sleep(_LOOK_EVERY_S)
