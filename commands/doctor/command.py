"""`bridge doctor`: whether this deployment can work, and what to do where it cannot."""

import asyncio

import typer

from bridge.kafka.aiokafka_defects import mend_aiokafka
from bridge.settings import Settings, try_settings
from commands.doctor.examination import examine
from commands.doctor.finding import Finding, State
from commands.doctor.registration import registration
from commands.doctor.view import document, show, show_end
from commands.terminal.examples import examples
from commands.terminal.output import Format, FormatOption, console, print_json
from commands.terminal.running import QuietClients


@examples("bridge doctor", "bridge doctor -o json")
def doctor(output: FormatOption = Format.TABLE) -> None:
    """Look at settings, brokers, TLS, permissions, limits, topics, clocks, versions and disks; exit 1 if any is wrong.

    It changes nothing. Each thing that is wrong comes with what to do about it; in the end stands the call that has
    NewStore send here.
    """
    mend_aiokafka()
    settings = try_settings()
    with QuietClients():
        findings = asyncio.run(_examined(settings, output))
    call = registration(settings) if isinstance(settings, Settings) else None
    if output is Format.JSON:
        print_json(document(findings, call))
    else:
        show_end(console(), findings, call)
    if any(each.state is State.WRONG for each in findings):
        raise typer.Exit(1)


async def _examined(settings: Settings | list[str], output: Format) -> list[Finding]:
    findings: list[Finding] = []
    async for finding in examine(settings):
        findings.append(finding)
        if output is Format.TABLE:
            show(console(), finding)
    return findings
