"""`bridge doctor`: check whether this deployment can work, and say how to repair it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import typer

from bridge.kafka.acls import Part
from bridge.kafka.aiokafka_defects import mend_aiokafka
from bridge.settings import Settings, try_settings
from commands.doctor.examination import examine
from commands.doctor.finding import Finding, State
from commands.doctor.registration import registration
from commands.doctor.view import document, show, show_end
from commands.terminal.examples import examples
from commands.terminal.output import Format, FormatOption, console, print_json
from commands.terminal.running import QuietClients


@examples("bridge doctor", "bridge doctor --through", "bridge doctor --part worker -o json")
def doctor(
    part: Annotated[Part | None, typer.Option(help="Whose user it is; else what it may do tells.")] = None,
    through: Annotated[
        bool, typer.Option("--through", help="Send a test event through ingress, raw and dedupe, and look for it.")
    ] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Check settings, brokers, TLS, permissions, limits, topics, clocks, versions and disks; exit 1 if any is wrong.

    It changes nothing, except that --through leaves a test event behind. Each problem comes with its remedy. At the end
    is the call that registers this deployment at NewStore.
    """
    mend_aiokafka()
    settings = try_settings()
    with QuietClients():
        findings = asyncio.run(_examined(examine(settings, part, through=through), output))
    call = registration(settings) if isinstance(settings, Settings) else None
    if output is Format.JSON:
        print_json(document(findings, call))
    else:
        show_end(console(), findings, call)
    if any(each.state is State.WRONG for each in findings):
        raise typer.Exit(1)


async def _examined(made: AsyncGenerator[Finding, None], output: Format) -> list[Finding]:
    findings: list[Finding] = []
    async with aclosing(made):  # the reader may stop early
        async for finding in made:
            findings.append(finding)
            if output is Format.TABLE:
                show(console(), finding)
    return findings
