"""`bridge schema register`."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, TypeVar

import typer
from aiohttp import BasicAuth
from yarl import URL

from bridge.printable import say
from bridge.settings import Settings, load_settings
from commands.schema.publish import files
from commands.schema.register.plan import LEVEL, Effect, Step, carry_out, make_plan
from commands.schema.register.registry import Registry, RegistryRefused
from commands.schema.register.subjects import Strategy, subjects
from commands.terminal.examples import examples
from commands.terminal.first_contact import waiting_for
from commands.terminal.output import Format, FormatOption, confirm, console, fail, print_json
from commands.terminal.tables import table

T = TypeVar("T")


@examples(
    "bridge schema register --url http://127.0.0.1:8081 --dry-run",
    "bridge schema register --url http://127.0.0.1:8081 --yes",
)
def register(
    url: Annotated[str, typer.Option(help="Of a registry with Confluent's API, as http://127.0.0.1:8081.")],
    strategy: Annotated[Strategy, typer.Option("--subject-strategy", help="How subjects are called.")] = Strategy.TOPIC,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Register the schemas of the public topics; exit 1 and register nothing if the registry calls one incompatible.

    Records stay plain JSON: they carry no schema id, and readers need no registry.
    """
    settings = load_settings()
    auth = _auth(settings, url)
    published = files.published()
    schemas = {name.removesuffix(".json"): json.loads(text) for name, text in published.items()}
    wanted = subjects(schemas, settings.topics, strategy)
    plan = _asked(url, auth, lambda registry: make_plan(registry, wanted))
    _show(plan, output)
    if any(step.effect is Effect.INCOMPATIBLE for step in plan):
        say("Nothing was registered: the registry calls some of it incompatible.")
        raise typer.Exit(1)
    changing = [step for step in plan if step.changes]
    if dry_run or not changing:
        return
    confirm("bridge schema register", yes=yes)
    _asked(url, auth, lambda registry: carry_out(registry, changing))
    say(f"{len(changing)} subjects registered.")


def _asked(url: str, auth: BasicAuth | None, work: Callable[[Registry], Awaitable[T]]) -> T:
    """Run requests to the registry; exits 2 if it does not answer. Not by `run`, whose messages are about Kafka."""

    async def attended() -> T:
        async with waiting_for(url) as heard, Registry(url, auth, heard) as registry:
            return await work(registry)

    try:
        return asyncio.run(attended())
    except RegistryRefused as refusal:
        fail(f"{str(refusal).rstrip('.')}.")


def _auth(settings: Settings, url: str) -> BasicAuth | None:
    """The credentials in the settings. The command line has none, as every user of the machine can read it."""
    try:
        parsed = URL(url)
    except ValueError:
        parsed = URL()
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        fail("--url is no http or https address.")
    if parsed.user or parsed.password:
        fail("Leave user and password out of --url: set BRIDGE_REGISTRY_USERNAME and BRIDGE_REGISTRY_PASSWORD.")
    if settings.registry_username is None or settings.registry_password is None:
        return None
    return BasicAuth(settings.registry_username, settings.registry_password.get_secret_value(), encoding="utf-8")


def _show(plan: Sequence[Step], output: Format) -> None:
    if output is Format.JSON:
        print_json(
            [
                {
                    "subject": step.subject.name,
                    "effect": step.effect.value,
                    "level": step.level or LEVEL,
                    "why": list(step.why),
                }
                for step in plan
            ]
        )
        return
    rows = table("subject", "effect", "compatibility")
    for step in plan:
        rows.add_row(step.subject.name, step.effect.value, step.level or f"{LEVEL} (new)")
    console().print(rows)
    for step in plan:
        for reason in step.why:
            say(f"{step.subject.name}: {reason}")
