"""All checks, in the order in which they depend on each other. Each finding is shown as soon as it is made."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Coroutine, Iterable, Sequence
from contextlib import aclosing
from itertools import chain
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError

from bridge.kafka.acls import Acl, Part
from bridge.refusals import Refusal, SettingsError
from bridge.settings import Settings, undocumented_events, unknown_settings
from bridge.topics import warnings
from commands.doctor.brokers import Reached, bootstrap_addresses, first_reached, own_certificates, reached
from commands.doctor.deployment import deployment
from commands.doctor.finding import Finding, State, ok, told, unknown, warning, wrong
from commands.doctor.lacking import findings_of
from commands.doctor.limits import disks, limits, quotas
from commands.doctor.machine import machine
from commands.doctor.parts import needs
from commands.doctor.replicas import replicas
from commands.doctor.services import findings_of_all, services
from commands.doctor.through import through as send_through
from commands.doctor.versions import kafkas, ours
from commands.terminal.permissions import Metadata, Permissions, topics_of
from commands.terminal.remedies import OF_A_FOREIGN_INGRESS, OF_A_TENANTS_INGRESS
from commands.terminal.words import in_words
from processors.engine.overrides.connections import Address

_ANSWER_WITHIN_S: Final = 3.6
"""For all requests to Kafka, from the start. It is longer than the wait for a silent broker, and still lets the whole
command end within 5 s, unless the machine is busy."""
_OF_NO_ANSWER: Final = "look at the brokers' load and logs"
_OF_OTHERS: Final = "first mend the brokers that do not let us in, from which this may follow"
_INGRESS: Final = "ingress"
_NEEDED: Final = frozenset({"settings", "brokers", "kafka", "topics", "rules", _INGRESS})
"""If one of these is wrong, a test event would fail for the same reason, only slowly. Another deployment's ingress
would take it, for good."""
_OF_ANOTHER: Final = frozenset({OF_A_FOREIGN_INGRESS, OF_A_TENANTS_INGRESS})


async def examine(
    settings: Settings | Sequence[str], part: Part | None, *, through: bool = False
) -> AsyncGenerator[Finding, None]:
    """All findings. `settings`: sentences, if the settings cannot be used; `part`: the part whose user the settings
    have; `through`: send a test event, too."""
    if not isinstance(settings, Settings):
        for sentence in unknown_settings():
            yield warning("settings", sentence.rstrip("."))
        for sentence in settings:  # not split: what follows the colon is no remedy
            yield wrong("settings", sentence.rstrip("."), "correct it: docs/settings.md says what it can be")
        yield unknown("kafka", "not looked at: the settings cannot be used")
        return
    is_wrong = set[str]()
    async with aclosing(_looks(settings, part)) as findings:
        async for finding in findings:
            yield finding
            if finding.state is State.WRONG:
                is_wrong.add(_INGRESS if _OF_ANOTHER.intersection(finding.remedies) else finding.check)
    if through and is_wrong & _NEEDED:
        yield unknown("through", f"no test event was sent: first mend {', '.join(sorted(is_wrong & _NEEDED))}")
    elif through:
        async with aclosing(_through(settings)) as findings:
            async for finding in findings:
                yield finding


async def _looks(settings: Settings, part: Part | None) -> AsyncGenerator[Finding, None]:
    let_in: asyncio.Future[Settings | None] = asyncio.get_running_loop().create_future()
    asked = asyncio.create_task(services(settings, let_in))
    is_wrong = set[str]()
    async with aclosing(_before_services(settings, part, let_in)) as findings:
        async for finding in findings:
            yield finding
            if finding.state is State.WRONG:
                is_wrong.add(finding.check)
    for finding in findings_of_all(settings, await asked, is_wrong, time.time()):
        yield finding


async def _before_services(
    settings: Settings, part: Part | None, let_in: asyncio.Future[Settings | None]
) -> AsyncGenerator[Finding, None]:
    for finding in (*_settings(settings, part), ours(), *machine(settings, part)):
        yield finding
    try:
        for finding in own_certificates(settings, time.time()):
            yield finding
        async with aclosing(_kafka(settings, part, let_in)) as findings:
            async for finding in findings:
                yield finding
    except SettingsError as error:
        yield told("settings", str(error))
    finally:
        if not let_in.done():
            let_in.set_result(None)


async def _through(settings: Settings) -> AsyncGenerator[Finding, None]:
    try:
        async with aclosing(send_through(settings)) as findings:
            async for finding in findings:
                yield finding
    except (Refusal, KafkaError, OSError) as error:
        yield told("through", in_words(error, settings))


def _settings(settings: Settings, part: Part | None) -> Iterable[Finding]:
    place, servers = f"{settings.topic_prefix}.* in {settings.partitions} partitions", settings.kafka_bootstrap_servers
    yield ok("settings", f"tenant {settings.tenant}, topics {place}, Kafka at {', '.join(servers)}")
    for sentence in (*unknown_settings(), *undocumented_events(settings), *warnings(settings)):
        yield warning("settings", sentence.rstrip("."))
    for service in ("ingress", "worker"):
        if part not in {None, Part(service)}:
            continue  # other parts do not have its keys
        try:
            settings.bearer_keys(service)
        except SettingsError as error:
            reason, _, remedy = str(error).rstrip(".").partition(". ")
            yield warning("settings", f"with these settings the {service} does not start: {reason}", remedy)


async def _kafka(
    settings: Settings, part: Part | None, let_in: asyncio.Future[Settings | None]
) -> AsyncGenerator[Finding, None]:
    """Sets `let_in` to the settings with only the first broker that lets us in; None: there is none."""
    until = asyncio.get_running_loop().time() + _ANSWER_WITHIN_S
    named = bootstrap_addresses(settings)
    async with reached(settings, named) as trying:
        # Ask one broker while others may still be silent: otherwise the waits would add up.
        first = await first_reached(trying)
        alone: Settings | None = None
        parts: list[Coroutine[Any, Any, list[Finding]]] = []
        if first is not None:
            # With several brokers, a client waits for each silent one in turn.
            alone = settings.model_copy(update={"kafka_bootstrap_servers": (str(first[0]),)})
            parts = _parts(settings, alone, part, named, first[1])
        let_in.set_result(alone)
        asked = [asyncio.create_task(_in_time(settings, each, until)) for each in parts]
        try:
            tried = await asyncio.gather(*trying)
            for finding in dict.fromkeys(finding for each in tried for finding in each.findings):
                yield finding
            some_are_away = any(each.connection is None for each in tried)
            async with aclosing(_each_once(asked)) as findings:
                async for finding in findings:
                    follows = some_are_away and finding.remedies == (_OF_NO_ANSWER,)
                    yield finding._replace(remedies=(_OF_OTHERS,)) if follows else finding
        finally:
            await _give_up(asked)
    if first is None:
        yield unknown("kafka", "permissions, topics, limits and versions are not looked at: no broker lets us in")


def _parts(
    settings: Settings, alone: Settings, part: Part | None, named: Sequence[Address], connection: AIOKafkaConnection
) -> list[Coroutine[Any, Any, list[Finding]]]:
    """Checks in the order in which they are shown: causes first."""
    needed = needs(settings, part)
    metadata = Metadata(connection.send, topics_of(needed))
    return [
        _brokers(settings, metadata, named),
        quotas(settings, connection),
        _permissions(settings, metadata, needed, part),
        deployment(alone),
    ]


async def _each_once(asked: Iterable[asyncio.Task[list[Finding]]]) -> AsyncGenerator[Finding, None]:
    """Findings in order, without repetition: all checks without an answer find the same."""
    said = set[Finding]()
    for answer in asked:
        for finding in await answer:
            if finding not in said:
                said.add(finding)
                yield finding


async def _give_up(asked: Iterable[asyncio.Task[list[Finding]]]) -> None:
    tasks = list(asked)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _permissions(
    settings: Settings, metadata: Metadata, needed: Iterable[Acl], part: Part | None
) -> list[Finding]:
    return findings_of(settings, part, await Permissions(settings, metadata).known(needed))


async def _brokers(settings: Settings, metadata: Metadata, named: Sequence[Address]) -> list[Finding]:
    """What each broker tells only about itself, asked at its advertised address, to which clients are sent. And what
    follows if brokers cannot be reached there."""
    answer = await metadata.answer()
    nodes = [node for node, *_ in answer.brokers]
    async with reached(settings, (Address(host, port) for _, host, port, _ in answer.brokers)) as trying:
        of_each = await asyncio.gather(*(_one(settings, *each, named) for each in zip(trying, nodes, strict=True)))
        tried = await asyncio.gather(*trying)
    away = [node for node, each in zip(nodes, tried, strict=True) if each.connection is None]
    return [*chain.from_iterable(of_each), *replicas(answer, away)]


async def _one(settings: Settings, trying: Awaitable[Reached], node_id: int, named: Sequence[Address]) -> list[Finding]:
    tried = await trying
    if tried.connection is not None:
        return await _of_one(settings, tried.connection, node_id)
    return [] if tried.address in named else [_unreachable(tried)]


def _unreachable(tried: Reached) -> Finding:
    why = tried.findings[-1]
    if tried.listens:
        return why  # the address is right: the broker is frozen or refuses us, and the finding has the remedy
    what = f"a broker says that it is at {tried.address}, and from here it is not: {why.what}"
    remedy = (
        "start it if it does not run; if it does, set its advertised.listeners to an address that is reached from here"
    )
    return wrong("brokers", what, remedy)


async def _of_one(settings: Settings, connection: AIOKafkaConnection, node_id: int) -> list[Finding]:
    broker = f"broker {node_id}"
    return [
        await kafkas(broker, connection),
        *await limits(settings, connection, node_id),
        *await disks(connection, broker),
    ]


async def _in_time(settings: Settings, part: Awaitable[list[Finding]], until: float) -> list[Finding]:
    try:
        async with asyncio.timeout_at(until):
            return await part
    except TimeoutError:
        return [wrong("kafka", f"no answer within {_ANSWER_WITHIN_S:g} s", _OF_NO_ANSWER)]
    except (Refusal, KafkaError, OSError) as error:
        return [told("kafka", in_words(error, settings))]
