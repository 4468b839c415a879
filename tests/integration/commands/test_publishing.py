"""`bridge quarantine replay` and `bridge conflicts accept` over topics that were filled by hand: what is published, and
what is left out."""

import asyncio
from collections.abc import Sequence

from bridge.intake import NewRecord
from bridge.kafka.transactional_ids import replay_id
from bridge.settings import Settings
from commands.evidence.plan import make_plan
from commands.evidence.publish import publish
from commands.evidence.reading import Selection, unheard
from commands.evidence.shelves import Quarantine
from commands.terminal.fenced_producer import fenced_producer
from commands.terminal.typed import now_ms
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import end_offset
from tests.integration.commands.shelves import Shelves
from tests.integration.commands.test_evidence import CHANGED, listed
from tests.unit.commands.evidence.records import body, conflict, quarantined
from tests.unit.commands.messages import messages_of


def test_without_a_terminal_and_without_yes_nothing_is_published(
    bridge: Run, shelves: Shelves, settings: Settings
) -> None:
    shelves.quarantine(quarantined(body(), tenant="by-mistake"))
    result = bridge("quarantine", "replay", "--all")
    assert result.exit_code == 2
    assert "order.created" in result.stderr
    assert "to be published to" in result.stderr
    assert "`bridge quarantine replay` needs --yes" in result.stderr
    assert raw_records(settings) == 0


def test_what_to_publish_must_be_said(bridge: Run, shelves: Shelves) -> None:
    """A slip of the keyboard must not publish everything."""
    for arguments in ([], ["--reason", "other_tenant"], ["0:0", "--all"]):
        result = bridge("quarantine", "replay", "--yes", *arguments)
        assert result.exit_code == 2
        assert "Say what to publish" in result.stderr


def test_the_plan_says_what_is_left_out_and_why(bridge: Run, shelves: Shelves, settings: Settings) -> None:
    shelves.quarantine(quarantined(b"{"))
    shelves.quarantine(quarantined(body(), tenant="by-mistake"), hours_ago=401 * 24)
    for _ in range(2):
        shelves.quarantine(quarantined(body(), tenant="by-mistake"))
    result = bridge("quarantine", "replay", "--all", "--yes")
    assert result.exit_code == 0, result.stderr
    lines = messages_of(result.stderr)
    assert lines[1].split()[:3] == ["order.created", "2", "0:2"]
    assert any("would be quarantined again (invalid_json" in line for line in lines)
    assert any("is older than BRIDGE_DEDUPE_RETENTION" in line for line in lines)
    assert lines[-1] == "Done: 2 published."
    assert "was published already" in bridge("quarantine", "replay", "0:2").stderr


async def test_what_is_published_is_found_by_the_next_command(shelves: Shelves, settings: Settings) -> None:
    """Kafka answers a commit before readers of committed records see it."""
    shelves.quarantine(quarantined(body(), tenant="by-mistake"))
    shelf, selection = Quarantine(settings), Selection()
    committing = list[asyncio.Task[None]]()
    async with fenced_producer(settings, replay_id(settings)) as producer:

        async def commit() -> None:
            await asyncio.sleep(1)  # by then a command that does not wait is done
            await producer.commit_transaction()

        async def write(batch: Sequence[NewRecord]) -> None:
            await producer.begin_transaction()
            for raw in batch:
                await producer.send_and_wait(
                    raw.topic, raw.value, raw.key, raw.partition, raw.timestamp_ms, raw.headers
                )
            committing.append(asyncio.create_task(commit()))

        made = await make_plan(settings, shelf, selection, now_ms(), unheard)
        assert await publish(settings, shelf, made, write, now_ms, unheard) == 1
        after = await make_plan(settings, shelf, selection, now_ms(), unheard)
        await asyncio.gather(*committing)
    assert (len(made.open), len(after.open)) == (1, 0)


def test_filters_narrow_what_all_means(bridge: Run, shelves: Shelves, settings: Settings) -> None:
    shelves.conflict(conflict(CHANGED), hours_ago=5)
    shelves.conflict(conflict(body(note="c")))
    shelves.conflict(conflict(body("order.opened")))
    result = bridge("conflicts", "accept", "--all", "--since", "1h", "--yes")
    assert result.stderr.splitlines()[-1] == "Done: 1 published."
    states = [record["state"] for record in listed(bridge, "conflicts", "list")["records"]]
    assert states == ["open", "published", "passed_on"]


def test_a_name_that_nobody_knows_is_refused_by_what_publishes(bridge: Run, shelves: Shelves) -> None:
    """It once said "Nothing to do.", with exit 0, and a script with a slip looked done. Lists take any name."""
    shelves.quarantine(quarantined(body("x.y"), tenant="by-mistake"))
    for command in ("quarantine replay", "conflicts accept"):
        result = bridge(*command.split(), "--all", "--event", "ordr.created", "--yes")
        assert (result.exit_code, "did you mean order.created" in result.stderr) == (2, True)
    assert bridge("conflicts", "accept", "--all", "--event", "order.created", "--yes").exit_code == 0
    assert bridge("quarantine", "list", "--event", "ordr.created").exit_code == 0
    assert bridge("quarantine", "replay", "--all", "--event", "x.y", "--yes").exit_code == 0


def test_with_the_rules_of_another_deployment_nothing_is_published(bridge: Run, shelves: Shelves) -> None:
    result = bridge("quarantine", "replay", "--all", "--yes", partitions="4")
    assert result.exit_code == 2


def raw_records(settings: Settings) -> int:
    return sum(end_offset(settings, settings.topics.raw, partition) for partition in range(2))
