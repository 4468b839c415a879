"""`bridge backfill` that does not come to its end: what is stored then, and what the same command does next."""

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
from tests.integration.commands.conftest import Run
from tests.integration.commands.exports import Topics, backfill_process, event, mixed_lines, written
from tests.integration.commands.records import order_event
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.chaos.cluster import cluster
from tests.unit.commands.messages import messages_of

COUNT, CHUNK = 2000, 20
TRANSACTIONS = COUNT // CHUNK
LARGE = 50_000
"""Bytes of a line of which a slice has several batches for each partition."""


@pytest.fixture
def topics(bridge: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Topics:
    """A deployment whose topics are empty, and backfills in small transactions."""
    assert bridge("topics", "apply", "--yes").exit_code == 0
    monkeypatch.setenv("BRIDGE_CHUNK_RECORDS", str(CHUNK))
    return Topics(settings)


def events_of(lines: list[bytes]) -> Counter[bytes | None]:
    return Counter(line for line in lines if line.startswith(b"{"))


def bad_of(lines: list[bytes]) -> Counter[tuple[bytes | None, int]]:
    return Counter((line, number) for number, line in enumerate(lines, start=1) if line.startswith(b"bad"))


def finish(*arguments: str | Path) -> int:
    """Run it to its end; how many lines it had to do."""
    process = backfill_process(*arguments)
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, stderr
    return int(json.loads(stdout)["lines"])


def run_killed(rng: random.Random, commits: tuple[int, int], *files: Path) -> None:
    """Run it until it is killed by SIGKILL, right before or right behind one of so many commits."""
    fault = f"{rng.choice(('before', 'after'))}-commit:KILL:{rng.randint(*commits)}"
    process = backfill_process(*files, fault=fault)
    assert process.communicate(timeout=PATIENCE)[0] == b"", "it has ended"
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_twice_the_same_command_stores_each_line_once(topics: Topics, tmp_path: Path, seed: int) -> None:
    rng, lines = random.Random(seed), mixed_lines(COUNT, seed)
    file = written(tmp_path / "a.export", lines)
    if seed % 2:
        file.write_bytes(gzip.compress(file.read_bytes()))
    for commits in ((1, TRANSACTIONS * 4 // 10), (1, TRANSACTIONS * 3 // 10)):
        run_killed(rng, commits, file)
    rest = finish(file)
    assert 0 < rest < COUNT
    assert topics.bodies() == events_of(lines)
    assert topics.bad_lines() == bad_of(lines)


def test_of_several_files_the_one_that_was_under_way_goes_on(topics: Topics, tmp_path: Path) -> None:
    first, second = ([event(number) for number in numbers] for numbers in (range(200), range(200, 200 + COUNT)))
    files = written(tmp_path / "1.export", first), written(tmp_path / "2.export", second)
    of_the_second = 200 // CHUNK + 1
    run_killed(random.Random(3), (of_the_second + 1, TRANSACTIONS // 2), *files)
    assert finish(*files) < COUNT
    assert topics.bodies() == Counter(first + second)


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_between_two_transactions_and_says_where(
    topics: Topics, tmp_path: Path, told: signal.Signals
) -> None:
    lines = mixed_lines(COUNT, 3)
    file = written(tmp_path / "a.export", lines)
    process = backfill_process("--rate", "20", file)
    wait_until("the backfill gets on", lambda: topics.written() > 0)
    process.send_signal(told)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    *_, last = messages_of(stderr.decode())
    assert last.startswith("Stopped: ")
    assert last.endswith(f" lines of {file} are stored, the same command goes on behind them.")
    stored = int(last.split()[1].replace(",", ""))
    assert topics.bodies() == events_of(lines[:stored])
    assert finish(file) == COUNT - stored
    assert topics.bodies() == events_of(lines)


def test_another_backfill_ends_the_first_and_both_together_store_each_line_once(topics: Topics, tmp_path: Path) -> None:
    lines = mixed_lines(COUNT, 4)
    file = written(tmp_path / "a.export", lines)
    first = backfill_process("--rate", "20", file)
    wait_until("the first has committed something", lambda: topics.written() > CHUNK)
    assert finish(file) < COUNT
    _, stderr = first.communicate(timeout=PATIENCE)
    assert first.returncode == 2
    *plan, last = messages_of(stderr.decode())
    assert len(plan) == 3  # the names of the columns, the file, and where to
    assert last.startswith("Another `bridge backfill` has begun: ")
    assert topics.bodies() == events_of(lines)
    assert topics.bad_lines() == bad_of(lines)


def test_without_kafka_it_ends_in_time_and_goes_on_once_kafka_is_back(
    own_kafka: LocalKafka, settings: Settings, bridge: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is waited for: whoever runs it has to know."""
    monkeypatch.setenv("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", own_kafka.bootstrap_servers)
    monkeypatch.setenv("BRIDGE_CHUNK_RECORDS", str(CHUNK))
    assert bridge("topics", "apply", "--yes").exit_code == 0
    topics, lines = Topics(Settings()), mixed_lines(COUNT, 5)
    file = written(tmp_path / "a.export", lines)
    process = backfill_process("--rate", "20", file)
    wait_until("some is stored", lambda: topics.written() > 3 * CHUNK)  # of the last transaction perhaps nothing
    own_kafka.kill()
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    *_, stored, last = messages_of(stderr.decode())
    assert stored.endswith(f" lines of {file} are stored, the same command goes on behind them.")
    # The broker may have died with a transaction's answer on its way.
    assert "does not answer" in last or last.startswith("An answer of Kafka's was lost")
    own_kafka.start()
    assert 0 < finish(file) < COUNT
    assert topics.bodies() == events_of(lines)
    assert topics.bad_lines() == bad_of(lines)


def test_an_end_of_a_transaction_that_arrives_in_the_next_one_ends_none_half_way(
    settings: Settings, bridge: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It committed how far the file was stored with a part of what was to be stored with it: all the rest was lost."""
    lines = [order_event("order.opened", f"o{number}", note="x" * LARGE) for number in range(300)]
    file = written(tmp_path / "a.export", lines)
    with cluster(1, tmp_path / "kafka", relayed=True) as brokers:
        assert brokers.network is not None
        monkeypatch.setenv("BRIDGE_KAFKA_BOOTSTRAP_SERVERS", brokers.bootstrap_servers)
        monkeypatch.setenv("BRIDGE_CHUNK_RECORDS", "100")
        assert bridge("topics", "apply", "--yes").exit_code == 0
        brokers.network.hold_an_end_txn(0.3, of=backfill_id(settings))
        process = backfill_process(file)
        _, stderr = process.communicate(timeout=PATIENCE)
        assert process.returncode == 2, stderr
        rest = finish(file)
        assert Topics(Settings()).bodies() == Counter(lines)
        assert brokers.network.delivered_late() == 1
    assert rest == len(lines)
    *_, stored, last = messages_of(stderr.decode())
    assert stored == f"0 lines of {file} are stored, the same command goes on behind them."
    assert last.startswith(
        "An answer of Kafka's was lost, so whether its transaction is stored is not known: run this again"
    )
