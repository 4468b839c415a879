"""Running a simulation with a bar that moves, on a terminal only."""

import asyncio
from collections.abc import Iterable

from rich.progress import Progress, TaskID

from bridge.cli.output import fail, messages
from bridge.simulator.delivery import Delivery
from bridge.simulator.outcome import Outcome
from bridge.simulator.sender import NobodyAnswersError, Sending, send


def run(sent: Iterable[Delivery], how: Sending, about: int | None, lasting: float | None) -> Outcome:
    """Send everything; Ctrl-C ends it early. `about`: deliveries, `lasting`: seconds, as far as either is known.

    Exits 2 if there is nobody to send anything to.
    """
    outcome, where = Outcome(), messages()
    with Progress(console=where, disable=not where.is_terminal, transient=True) as progress:
        task = progress.add_task("Sending", total=lasting if about is None else about)
        try:
            asyncio.run(send(sent, how, outcome, lambda: _move(progress, task, by_time=about is None)))
        except NobodyAnswersError as nobody:
            fail(str(nobody))
        except KeyboardInterrupt:
            where.print("Stopped: what was under way is undelivered, and what it had to become is no longer known.")
    return outcome


def _move(progress: Progress, task: TaskID, *, by_time: bool) -> None:
    if by_time:
        progress.update(task, completed=progress.tasks[task].elapsed)
    else:
        progress.advance(task)
