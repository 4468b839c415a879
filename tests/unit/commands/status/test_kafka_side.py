"""What status says if Kafka did not answer in time."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import CorruptRecordException, GroupAuthorizationFailedError
from aiokafka.structs import TopicPartition

from bridge.settings import Settings
from commands.evidence.kept import State
from commands.evidence.listing import Listing
from commands.evidence.shelves import Conflicts, Quarantine
from commands.status import kafka_side
from commands.status.kafka_side import _Questions
from commands.status.picture import KafkaSide, KeptCounts
from commands.status.problems import problems
from commands.status.view import document, show
from commands.terminal import first_contact
from commands.terminal.damage import Damage
from commands.terminal.first_contact import answering
from commands.terminal.output import InertConsole
from tests.unit.commands.damaged import DamagedLogs, batches
from tests.unit.commands.status.pictures import RAW, SETTINGS, picture


async def never(*_: object) -> bool:
    return await asyncio.Event().wait()


async def some(*_: object) -> int:
    return 1_000


async def none(*_: object) -> int:
    return 0


async def many(*_: object) -> int:
    return 100_000


async def unwanted(*_: object) -> None:
    raise AssertionError("they are counted, not read")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_side, "PATIENCE_S", 0.1)
    monkeypatch.setattr(kafka_side, "make_listing", never)


@pytest.mark.usefixtures("hasty")
async def test_a_flood_is_told_by_how_much_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Status said "?", in the very hour in which somebody must see the flood."""
    monkeypatch.setattr(_Questions, "_roughly", some)
    questions = _Questions(SETTINGS)
    kept = await questions._counted(set(), "quarantine", Quarantine(SETTINGS), 0)
    assert (kept, questions._troubles) == (KeptCounts(1_000, None, {}), [])


@pytest.mark.usefixtures("hasty")
async def test_where_nothing_came_there_is_nothing_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """If Kafka was slow, status said "about 0 records have come, too many to look at here", with exit code 1."""
    monkeypatch.setattr(_Questions, "_roughly", none)
    kept = await _Questions(SETTINGS)._counted(set(), "conflicts", Conflicts(SETTINGS), 0)
    assert kept == KeptCounts(0, 0, {})
    assert list(problems(picture(kafka=KafkaSide(conflicts=kept)))) == []


def test_what_was_only_counted_because_kafka_is_slow_is_no_flood() -> None:
    (few,) = problems(picture(kafka=KafkaSide(conflicts=KeptCounts(3, None, {}))))
    assert few.what.endswith("3 records have come to conflicts in the last hour, which could not be looked at in time")


async def test_what_would_take_too_long_to_read_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadline cannot end decoding: `status` took six seconds."""
    monkeypatch.setattr(_Questions, "_roughly", many)
    monkeypatch.setattr(_Questions, "_kept", unwanted)
    questions = _Questions(SETTINGS)
    assert await questions._counted(set(), "quarantine", Quarantine(SETTINGS), 0) == KeptCounts(100_000, None, {})


@pytest.mark.usefixtures("hasty")
async def test_where_nobody_even_counts_it_is_the_broker_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Questions, "_roughly", never)
    questions = _Questions(SETTINGS)
    assert await questions._counted(set(), "quarantine", Quarantine(SETTINGS), 0) is None
    assert "no answer from" in questions._troubles[0]


@pytest.mark.usefixtures("hasty")
async def test_the_only_one_of_several_that_lets_us_in_is_not_the_one_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    """With two of three frozen, the third was blamed for what it cannot tell alone."""
    three = SETTINGS.model_copy(update={"kafka_bootstrap_servers": ("a:1", "b:2", "c:3")})
    monkeypatch.setattr(_Questions, "_roughly", never)
    questions = _Questions(three)
    questions._settings = three.model_copy(update={"kafka_bootstrap_servers": ("c:3",)})
    await questions._counted(set(), "quarantine", Quarantine(SETTINGS), 0)
    assert "no answer from some broker within" in questions._troubles[0]


def test_a_flood_is_a_problem_and_claims_nothing_of_what_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = picture(kafka=KafkaSide(quarantined=KeptCounts(100_000, None, {}), conflicts=KeptCounts(1, 0, {})))
    (flood,) = problems(found)
    assert "about 100,000 records have come to quarantine" in flood.what
    assert "too many to look at here" in flood.what
    assert "bridge quarantine list --since 1h" in (flood.remedy or "")
    assert document(found)["quarantine_last_hour"] == {"records": 100_000, "open": None, "reasons": {}}
    show(InertConsole(width=120, soft_wrap=True), found)
    assert "about 100,000 in the last hour, ? open" in capsys.readouterr().out


@pytest.fixture
def silent() -> Iterator[str]:
    """Takes connections, as a frozen process does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.usefixtures("hasty")
async def test_it_is_named_where_nothing_else_is_told_and_the_others_are_not(
    monkeypatch: pytest.MonkeyPatch, silent: str
) -> None:
    """The first request may wait for the silent broker. Brokers that let us in are not to blame."""

    async def answering(settings: Settings) -> tuple[Settings, Settings]:
        servers = settings.model_copy
        good = servers(update={"kafka_bootstrap_servers": ("good-1:9092", "good-2:9092")})
        return good, servers(update={"kafka_bootstrap_servers": (silent,)})

    monkeypatch.setattr(kafka_side, "answering", answering)
    monkeypatch.setattr(kafka_side, "plan", never)
    side = await _Questions(SETTINGS).ask(0)
    first, *others = side.troubles
    assert (f"the broker {silent} does not answer" in first, side.is_silent) == (True, True)
    assert not [each for each in others if "good" in each]


async def test_a_broker_that_says_nothing_is_named(silent: str) -> None:
    questions = _Questions(SETTINGS)
    questions._deadline = 0.0
    await questions._tell_silent(Settings(tenant="acme", kafka_bootstrap_servers=silent))
    assert questions._troubles == [f"the broker {silent} does not answer within 3 s"]
    assert questions._is_silent


async def refused(*_: object) -> None:
    raise GroupAuthorizationFailedError("a")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("counts", "said"), [(True, "though its brokers answer"), (False, "no answer from")])
async def test_large_events_are_no_silent_broker(monkeypatch: pytest.MonkeyPatch, counts: bool, said: str) -> None:
    """For everything else, too, the advice was to mend a broker first."""

    async def arrivals(_consumer: Any, _settings: Settings, _now_ms: int, on_counted: Callable[[], None]) -> Any:
        if counts:
            on_counted()
        return await never()

    @asynccontextmanager
    async def reader(*_: object) -> AsyncIterator[DamagedLogs]:
        yield DamagedLogs({})

    monkeypatch.setattr(kafka_side, "arrivals", arrivals)
    monkeypatch.setattr(kafka_side, "reader", reader)
    questions = _Questions(SETTINGS)
    assert await questions._answer("raw", lambda: questions._arrivals(0)) is None
    (trouble,) = questions._troubles
    assert (said in trouble, questions._is_silent) == (True, not counts)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("ask", "is_silent"), [(never, True), (refused, False)])
async def test_a_refusal_is_an_answer(
    ask: Callable[[], Awaitable[object]], is_silent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_side, "plan", ask)
    found = await _Questions(SETTINGS).ask(0)
    assert (len(found.troubles), found.is_silent, found.tells_nothing) == (1, is_silent, True)


async def test_of_brokers_those_that_answer_are_asked(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client waited for the others, until no time was left for the answer."""
    monkeypatch.setattr(first_contact, "AT_ONCE_S", 0.05)
    settings = Settings.model_validate({"tenant": "acme", "kafka_bootstrap_servers": f"{silent},127.0.0.1:1"})

    async def connect(connection: AIOKafkaConnection) -> bool:
        return True if connection.port == 1 else await never()

    monkeypatch.setattr(AIOKafkaConnection, "connect", connect)
    found, slow = await answering(settings)
    assert found.kafka_bootstrap_servers == ("127.0.0.1:1",)
    assert slow is not None
    assert slow.kafka_bootstrap_servers == (silent,)


async def looked_at(monkeypatch: pytest.MonkeyPatch, processed: int) -> list[str]:
    """Troubles of a raw topic with a damaged batch near its end, if its group has processed it up to `processed`."""
    logs = {TopicPartition(RAW, 0): batches(4, 2, 1, damaged=[1]), TopicPartition(RAW, 1): []}

    @asynccontextmanager
    async def reader(*_: object) -> AsyncIterator[DamagedLogs]:
        yield DamagedLogs(logs)

    async def committed(_group: str, partitions: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(partitions, processed)

    monkeypatch.setattr(kafka_side, "reader", reader)
    questions = _Questions(SETTINGS)
    monkeypatch.setattr(questions, "_processed", lambda of: committed(SETTINGS.group_id, of))
    found = await questions._answer("raw", lambda: questions._arrivals(2_000_000_000_000))
    assert found is not None
    assert found.last is not None
    assert found.last.place == (0, 6)
    return questions._troubles


async def test_a_damaged_batch_is_told_with_what_to_do_and_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Status showed Python's name for a partition, and pointed to a command that knows nothing of the damage."""
    (trouble,) = await looked_at(monkeypatch, processed=4)
    (problem,) = problems(picture(kafka=KafkaSide([trouble])))
    assert problem.what.startswith(f"{RAW}/0: offsets 4 to 5 cannot be read")
    assert "docs/engine.md#a-damaged-batch" in (problem.remedy or "")
    assert "the first offset behind it is 6" in (problem.remedy or "")


async def test_one_that_is_behind_us_is_nobodys_trouble_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lane was set to the offset behind it, or had processed it before."""
    assert await looked_at(monkeypatch, processed=6) == []


async def test_one_that_is_met_again_is_told_once_and_one_of_what_was_kept_always(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Copies that were published again are looked for in raw, too."""
    raw, kept = TopicPartition(RAW, 0), TopicPartition("newstore.quarantine.v1", 1)

    async def listing(*_: object) -> Listing:
        return Listing([], 2, damage=[Damage(raw, 3, 6), Damage(raw, 7, 8), Damage(kept, 1, 2)])

    async def committed(partitions: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(partitions, 5)

    monkeypatch.setattr(kafka_side, "make_listing", listing)
    questions = _Questions(SETTINGS)
    monkeypatch.setattr(questions, "_processed", committed)
    for _ in range(2):
        assert await questions._kept(Quarantine(SETTINGS), 0) == KeptCounts(2, 0, {})
    assert [each.partition(" cannot")[0] for each in questions._troubles] == [
        f"{RAW}/0: offsets 3 to 5",
        f"{RAW}/0: offset 7",
        "newstore.quarantine.v1/1: offset 1",
    ]


async def test_one_in_another_topic_leads_to_the_same_page() -> None:
    async def fails() -> int:
        raise CorruptRecordException(f"Invalid CRC - {TopicPartition('newstore.conflicts.v1', 1)}")

    questions = _Questions(SETTINGS)
    assert await questions._answer("conflicts", fails) is None
    (problem,) = problems(picture(kafka=KafkaSide(questions._troubles)))
    assert problem.what.startswith("conflicts: a batch of newstore.conflicts.v1/1 cannot be read")
    assert "docs/engine.md#a-damaged-batch" in (problem.remedy or "")


async def test_only_what_can_be_published_now_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[Any] = [SimpleNamespace(state=each, kept=SimpleNamespace(text=lambda _: "too_large")) for each in State]

    async def listing(*_: object) -> Listing:
        return Listing(rows, len(rows))

    monkeypatch.setattr(kafka_side, "make_listing", listing)
    assert await _Questions(SETTINGS)._kept(Quarantine(SETTINGS), 0) == KeptCounts(len(rows), 1, {}, {"too_large": 1})
