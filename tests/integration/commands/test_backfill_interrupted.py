"""`bridge backfill` does not come to its end: what is stored then, and what the same command does next."""

import gzip
import json
import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from bridge.kafka.transactional_ids import backfill_id
from bridge.settings import Settings
from deploy.local.kafka import LocalKafka
from tests.integration.commands.conftest import Backfill, Run
from tests.integration.commands.exports import Topics, event, mixed_lines, written
from tests.integration.commands.records import order_event
from tests.integration.exactly_once.command import Command
from tests.integration.waiting import wait_until
from tests.programs.chaos.cluster import cluster
from tests.unit.commands.messages import messages_of

COUNT, CHUNK = 400, 10
TRANSACTIONS = COUNT // CHUNK
SLOWLY, LONG = ("--rate", "10"), 1000
"""Five transactions a second, for 100 s: on a busy machine too it is under way when a test comes to end it."""
LARGE = 50_000
"""Bytes of a line, so that a slice has several batches for each partition."""


@pytest.fixture
def topics(bridge: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Topics:
    """A deployment with empty topics, and backfills in small transactions, whose time limit allows for a busy machine's
    Kafka."""
    assert bridge("topics", "apply", "--yes").exit_code == 0
    monkeypatch.setenv("BRIDGE_CHUNK_RECORDS", str(CHUNK))
    monkeypatch.setenv("BRIDGE_TRANSACTION_TIMEOUT", "60 s")
    return Topics(settings)


def events_of(lines: list[bytes]) -> Counter[bytes | None]:
    return Counter(line for line in lines if line.startswith(b"{"))


def bad_of(lines: list[bytes]) -> Counter[tuple[bytes | None, int]]:
    return Counter((line, number) for number, line in enumerate(lines, start=1) if line.startswith(b"bad"))


def lines_of(process: Command) -> int:
    """How many lines it had to do, once it has ended."""
    done = process.result()
    assert done.exit_code == 0, done.stderr
    return int(json.loads(done.stdout)["lines"])


def run_killed(backfill: Backfill, rng: random.Random, commits: tuple[int, int], *files: Path) -> None:
    """Run a backfill until SIGKILL ends it, right before or after a commit of this range."""
    fault = f"{rng.choice(('before', 'after'))}-commit:KILL:{rng.randint(*commits)}"
    done = backfill(*files, fault=fault).result()
    assert (done.exit_code, done.stdout) == (-signal.SIGKILL, ""), done.stderr


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_twice_the_same_command_stores_each_line_once(
    topics: Topics, backfill: Backfill, tmp_path: Path, seed: int
) -> None:
    rng, lines = random.Random(seed), mixed_lines(COUNT, seed)
    file = written(tmp_path / "a.export", lines)
    if seed % 2:
        file.write_bytes(gzip.compress(file.read_bytes()))
    for commits in ((1, TRANSACTIONS * 4 // 10), (1, TRANSACTIONS * 3 // 10)):
        run_killed(backfill, rng, commits, file)
    rest = lines_of(backfill(file))
    assert 0 < rest < COUNT
    assert topics.bodies() == events_of(lines)
    assert topics.bad_lines() == bad_of(lines)


def test_of_several_files_the_one_that_was_under_way_goes_on(
    topics: Topics, backfill: Backfill, tmp_path: Path
) -> None:
    first, second = ([event(number) for number in numbers] for numbers in (range(100), range(100, 100 + COUNT)))
    files = written(tmp_path / "1.export", first), written(tmp_path / "2.export", second)
    of_the_second = 100 // CHUNK + 1
    run_killed(backfill, random.Random(3), (of_the_second + 1, of_the_second + TRANSACTIONS // 2), *files)
    assert lines_of(backfill(*files)) < COUNT
    assert topics.bodies() == Counter(first + second)


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_between_two_transactions_and_says_where(
    topics: Topics, backfill: Backfill, tmp_path: Path, told: signal.Signals
) -> None:
    lines = mixed_lines(LONG, 3)
    file = written(tmp_path / "a.export", lines)
    process = backfill(*SLOWLY, file)
    wait_until("the backfill gets on", lambda: topics.written() > 0)
    process.signal(told)
    ended = process.result()
    assert ended.exit_code == 2
    *_, last = messages_of(ended.stderr)
    assert last.startswith("Stopped: ")
    assert last.endswith(f" lines of {file} are stored, the same command goes on behind them.")
    stored = int(last.split()[1].replace(",", ""))
    assert topics.bodies() == events_of(lines[:stored])
    assert lines_of(backfill(file)) == LONG - stored
    assert topics.bodies() == events_of(lines)


def test_another_backfill_ends_the_first_and_both_together_store_each_line_once(
    topics: Topics, backfill: Backfill, tmp_path: Path
) -> None:
    lines = mixed_lines(LONG, 4)
    file = written(tmp_path / "a.export", lines)
    first = backfill(*SLOWLY, file)
    wait_until("the first has committed something", lambda: topics.written() > CHUNK)
    assert lines_of(backfill(file)) < LONG
    ended = first.result()
    assert ended.exit_code == 2
    *plan, last = messages_of(ended.stderr)
    assert last.startswith("Another `bridge backfill` has begun: ")
    assert len(plan) == 3  # the names of the columns, the file, and where to
    assert topics.bodies() == events_of(lines)
    assert topics.bad_lines() == bad_of(lines)


def test_without_kafka_it_ends_in_time_and_goes_on_once_kafka_is_back(
    mortal_kafka: LocalKafka,
    settings: Settings,
    bridge: Run,
    backfill: Backfill,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It does not wait: whoever runs it has to know."""
    monkeypatch.setenv("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", mortal_kafka.bootstrap_servers)
    monkeypatch.setenv("BRIDGE_CHUNK_RECORDS", str(CHUNK))
    assert bridge("topics", "apply", "--yes").exit_code == 0
    topics, lines = Topics(Settings()), mixed_lines(LONG, 5)
    file = written(tmp_path / "a.export", lines)
    process = backfill(*SLOWLY, file)
    wait_until("some is stored", lambda: topics.written() > 3 * CHUNK)  # perhaps nothing of the last transaction
    mortal_kafka.kill()
    ended = process.result()
    assert ended.exit_code == 2
    *_, stored, last = messages_of(ended.stderr)
    assert stored.endswith(f" lines of {file} are stored, the same command goes on behind them.")
    # The broker may have died with a transaction's answer on its way.
    assert "does not answer" in last or last.startswith("An answer of Kafka's was lost")
    mortal_kafka.start()
    assert 0 < lines_of(backfill(file)) < LONG
    assert topics.bodies() == events_of(lines)
    assert topics.bad_lines() == bad_of(lines)


def test_an_end_of_a_transaction_that_arrives_in_the_next_one_ends_none_half_way(
    settings: Settings, bridge: Run, backfill: Backfill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It once committed how far the file was stored with only a part of the lines: the rest was lost."""
    lines = [order_event("order.opened", f"o{number}", note="x" * LARGE) for number in range(300)]
    file = written(tmp_path / "a.export", lines)
    with cluster(1, tmp_path / "kafka", relayed=True) as brokers:
        assert brokers.network is not None
        monkeypatch.setenv("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", brokers.bootstrap_servers)
        monkeypatch.setenv("BRIDGE_CHUNK_RECORDS", "100")
        assert bridge("topics", "apply", "--yes").exit_code == 0
        brokers.network.hold_an_end_txn(0.3, of=backfill_id(settings))
        ended = backfill(file).result()
        assert ended.exit_code == 2, ended.stderr
        rest = lines_of(backfill(file))
        assert Topics(Settings()).bodies() == Counter(lines)
        assert brokers.network.delivered_late() == 1
    assert rest == len(lines)
    *_, stored, last = messages_of(ended.stderr)
    assert stored == f"0 lines of {file} are stored, the same command goes on behind them."
    assert last.startswith(
        "An answer of Kafka's was lost, so whether its transaction is stored is not known: run this again"
    )
