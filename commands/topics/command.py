"""`bridge topics plan|apply|check|migrate`: create, check and migrate the topics."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Annotated, Any

import typer

from bridge.printable import say
from bridge.refusals import MigrationRefused, Refusal, TopicsRefused
from bridge.rules.rules import Recorded, Rules, compare, require_adopted, rules_of
from bridge.rules.topic import check_rules, read_rules, record_rules
from bridge.settings import Settings, load_settings
from bridge.topics import (
    CLOCK_BOUNDS,
    ConfigChange,
    NotSet,
    TopicsPlan,
    refuse_for_others,
    tolerated_differences,
    warnings,
)
from bridge.topics import apply as apply_plan
from bridge.topics import plan as make_plan
from commands.terminal.examples import examples, with_examples
from commands.terminal.output import (
    Format,
    FormatOption,
    InertConsole,
    confirm,
    console,
    duration,
    fail,
    hint,
    messages,
    print_json,
    print_line,
)
from commands.terminal.running import run
from commands.terminal.tables import table
from commands.terminal.topics import told_tolerated
from commands.terminal.words import in_words
from commands.topics.declared.declared import declared
from commands.topics.declared.options import (
    DEPLOYED,
    ClusterOption,
    PartsOption,
    PlanFormat,
    PrincipalOption,
    declaration,
)
from commands.topics.made_anew import refused_anew, told_emptied
from commands.topics.migrate_command import migrate
from commands.topics.readable import wait_until_readable
from commands.topics.rules_view import rules_document, told_adopted, told_due, told_retained
from commands.topics.steps import told_steps
from commands.topics.waiting import PASSING, wait_for

app = typer.Typer(
    name="topics",
    help=with_examples("Create, check and migrate the topics.", "bridge topics plan", "bridge topics check"),
    no_args_is_help=True,
    add_completion=False,
)


@app.command()
@examples("bridge topics plan", "bridge topics plan -o strimzi")
def plan(
    output: Annotated[PlanFormat, typer.Option("--output", "-o", help="How to print it.")] = PlanFormat.TABLE,
    part: PartsOption = DEPLOYED,
    cluster: ClusterOption = "kafka",
    principal: PrincipalOption = "User:{}",
) -> None:
    """Show what `apply` would do; or, without asking Kafka, declare all topics and permissions for another tool."""
    settings = load_settings()
    if text := declaration(output, declared(settings, part), cluster, principal):
        for line in text.splitlines():
            print_line(line)
        return
    made, recorded, emptied = run(settings, _compatible_plan(settings))
    if output is PlanFormat.JSON:
        print_json(_document(made) | {"adopt": rules_document(recorded, rules_of(settings))})
    else:
        _show(made, emptied, recorded, rules_of(settings), console())


@app.command()
@examples("bridge topics apply", "bridge topics apply --yes --wait 2min")
def apply(
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    wait: Annotated[float, duration("How long Kafka, or topics of others, may be away.")] = "0s",  # type: ignore[assignment]  # as in verify
) -> None:
    """Create missing topics and correct their configuration; delete nothing, change no partition count.

    The first run also records the partition count and the key rules. A later run adds key rules for event names that
    the raw topic does not hold, while workers wait. It changes no other key rule.
    """
    settings = load_settings()
    for warning in warnings(settings):
        say(f"Warning: {warning}")
    if wait:
        passing = PASSING if settings.manages_topics else (*PASSING, TopicsRefused)
        run(
            settings,
            wait_for(
                lambda: _made_by_others(settings), wait, lambda why: say(_waiting(why, settings)), passing=passing
            ),
        )
    made, recorded, emptied = run(settings, _compatible_plan(settings))
    _show(made, emptied, recorded, rules_of(settings), messages())
    if made.refused:
        raise typer.Exit(2)
    confirm("bridge topics apply", yes=yes)
    not_set, recorded = run(settings, _apply(settings, made))
    _adopt(settings, recorded)
    if not_set:
        fail(*_told(settings, not_set))
    say("Done.")


@app.command()
@examples("bridge topics check", "bridge topics check -o json")
def check(output: FormatOption = Format.TABLE) -> None:
    """Say what is wrong with the topics and the recorded rules; exit 1 if anything is."""
    settings = load_settings()
    problems, tolerated = run(settings, _problems(settings))
    if output is Format.JSON:
        print_json({"ok": not problems, "problems": problems})
    else:
        for line in problems or ["Everything is as it must be."]:
            print_line(line)
    for sentence in told_tolerated(tolerated).values():
        hint(f"{sentence}.")
    if problems:
        raise typer.Exit(1)


app.command()(migrate)


async def _made_by_others(settings: Settings) -> None:
    """TopicsRefused: topics that others manage are not there yet. KafkaError: no answer."""
    made = await make_plan(settings)
    if not settings.manages_topics:
        refuse_for_others(made.losses)


async def _compatible_plan(settings: Settings) -> tuple[TopicsPlan, Recorded | None, tuple[str, ...]]:
    """The plan, the recorded rules (None: there are none), and sentences on topics that will be empty.
    RulesMismatch, Migrating: the recorded rules do not go with the settings.
    """
    made = await make_plan(settings)
    recorded = None if _creates_rules_topic(settings, made) else await read_rules(settings)
    in_force = None if recorded is None else compare(recorded, rules_of(settings))
    refused = await refused_anew(settings, made, in_force)
    emptied = () if refused else await told_emptied(settings, made, in_force)
    return replace(made, refused=(*made.refused, *refused)), recorded, emptied


async def _apply(settings: Settings, made: TopicsPlan) -> tuple[tuple[NotSet, ...], Recorded]:
    not_set = await apply_plan(settings, made)
    recorded = await record_rules(settings)
    await wait_until_readable(settings, recorded)
    return not_set, compare(recorded, rules_of(settings))


def _adopt(settings: Settings, recorded: Recorded) -> None:
    """Put the key rules in force that the settings add."""
    if not recorded.adopting and not recorded.unadopted(rules_of(settings)):
        return
    from commands.topics.migration.adopt import adopt  # imports the worker's modules

    try:
        with told_steps() as steps:
            added = run(settings, adopt(settings, steps))
    except MigrationRefused as refusal:
        fail(str(refusal))
    for sentence in told_adopted(added):
        say(sentence)


def _waiting(why: BaseException, settings: Settings) -> str:
    return f"Waiting for Kafka. {in_words(why, settings)}."


def _told(settings: Settings, not_set: Iterable[NotSet]) -> list[str]:
    """Services run without these settings, so `apply` has done everything else first."""
    lines = [f"{each.change.topic}: Kafka does not let {each.change.name} be set: {each.reason}" for each in not_set]
    names = {*settings.tolerated_topic_settings, *(each.change.name for each in not_set)}
    remedy = f"BRIDGE_TOLERATED_TOPIC_SETTINGS={','.join(sorted(names))}"
    raw = {each.change.name for each in not_set if each.change.topic == settings.topics.raw}
    without = (
        f"without {' and '.join(sorted(bounds))} on {settings.topics.raw} accepted events of an ingress whose clock is"
        " far wrong may be lost, or pass twice: keep its clock right. Kafka has them from 3.6 on"
        if (bounds := raw & CLOCK_BOUNDS)
        else "no data are lost without it"
    )
    return [*lines, f"Everything else is done; {without}. To go on like that: {remedy}"]


async def _problems(settings: Settings) -> tuple[tuple[str, ...], tuple[ConfigChange, ...]]:
    """What is not as it must be, and the differences that the settings tolerate."""
    made = await make_plan(settings)
    tolerated = await tolerated_differences(settings)
    if _creates_rules_topic(settings, made):
        return made.problems, tolerated
    try:
        require_adopted(await check_rules(settings), rules_of(settings))
    except Refusal as problem:
        return (*made.problems, str(problem)), tolerated
    return made.problems, tolerated


def _creates_rules_topic(settings: Settings, made: TopicsPlan) -> bool:
    return any(spec.name == settings.topics.rules for spec in made.create)


def _show(
    made: TopicsPlan, emptied: Iterable[str], recorded: Recorded | None, wanted: Rules, where: InertConsole
) -> None:
    due = list(told_due(recorded, wanted))
    if not made.problems and not due:
        where.print("Nothing to do: everything is as it must be.")
    rows = table("topic", "what", "now", "then")
    for spec in made.create:
        rows.add_row(spec.name, "create", "", f"partitions {spec.partitions}, {spec.config['cleanup.policy']}")
    for change in made.alter:
        rows.add_row(change.topic, change.name, change.actual or "", change.wanted)
    if rows.rows:
        where.print(rows)
    for sentence in (*made.refused, *emptied, *due, *told_retained(recorded, wanted)):
        where.print(sentence)


def _document(made: TopicsPlan) -> dict[str, Any]:
    return {
        "create": [
            {
                "topic": spec.name,
                "partitions": spec.partitions,
                "replication": spec.replication,
                "config": dict(spec.config),
            }
            for spec in made.create
        ],
        "alter": [asdict(change) for change in made.alter],
        "refused": list(made.refused),
    }
