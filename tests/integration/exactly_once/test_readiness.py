"""What `/readyz` says while a lane does not run."""

from pathlib import Path

from confluent_kafka import Producer

from bridge.kafka.partitioner import partition_for
from schemas.events import EVENT_NAMES
from tests.integration.exactly_once.deployment import BEARER, Deployment
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.bench.remembered import remember
from tests.programs.checker.names import RAW

_KEYS = 20_000
_EVENTS = 2_000
_BLOCK = 4_096
"""The most bytes of a block of RocksDB's, once compressed."""


def test_while_tables_are_read_anew_it_is_not_ready_and_says_so(deployment: Deployment, tmp_path: Path) -> None:
    remember(deployment.settings, _KEYS, again=())
    read = tmp_path / "read"
    worker = deployment.worker("worker", test_mutation="hold-recovery", test_recovery=str(read))
    wait_until("it answers", lambda: worker.status("/livez") == 200)

    def says_so() -> bool:
        answer = worker.get("/readyz?verbose")
        assert answer.status == 503
        return b" opening" in answer.body

    wait_until("it says so", says_so)
    read.touch()
    worker.wait_ready()
    assert worker.metric("bridge_recovery_records_total{", '"seen"') >= _KEYS
    told = 'bridge_recovery_remaining_records{table="seen"} 0.0\n'
    wait_until("nothing is left", lambda: told in (worker.page() or ""))


def test_a_halted_lane_makes_it_unready_until_an_operator_has_mended_it(deployment: Deployment) -> None:
    table = deployment.data_dir("worker") / "seen" / "0"
    table.parent.mkdir(parents=True)
    table.write_text("no directory")
    deployment.load.send(100)
    worker = deployment.worker("worker")
    lane = f"{deployment.names.topic(RAW)}/0 halted".encode()
    wait_until("it answers", lambda: worker.status("/livez") == 200)
    wait_until("it says so", lambda: lane in worker.get("/readyz?verbose").body)
    assert worker.get("/readyz").status == 503
    name = next(each for each in EVENT_NAMES if partition_for(each.encode(), deployment.settings.partitions) == 0)

    def a_query_says_so() -> bool:
        """It tries again every 10 s, and is `opening` then."""
        answer = worker.get(f"/seen?id={deployment.settings.tenant}/{name}/1", **BEARER)
        return b"partition 0 of seen is halted" in answer.body and answer.headers["retry-after"] == "10"

    wait_until("who asks is told when to ask again", a_query_says_so)
    table.unlink()
    worker.wait_ready()
    deployment.check()


def test_a_table_that_is_damaged_halts_its_lane_and_no_other_until_it_is_moved_away(deployment: Deployment) -> None:
    """The lane opens, and fails again when it reads a wrong block. It once took the whole process with it, and the next
    ones."""
    worker = deployment.worker("worker")
    worker.wait_ready()
    deployment.load.send(_EVENTS)
    deployment.wait_settled()
    worker.stop()
    file = max(deployment.data_dir("worker").glob("seen/*/*.sst"), key=lambda each: each.stat().st_size)
    blocks = bytearray(file.read_bytes())
    for place in range(2 * _BLOCK, len(blocks) * 3 // 4, _BLOCK):  # blocks that are read on opening stay as they are
        blocks[place] ^= 1
    file.write_bytes(blocks)
    worker, table = deployment.worker("worker"), file.parent
    lane = (deployment.names.topic(RAW), int(table.name))
    worker.wait_ready()

    def has_halted() -> bool:
        deployment.load.send(100)
        return worker.lanes("halted") == {lane}

    wait_until("it has read a wrong block", has_halted)
    assert f"{lane[0]}/{lane[1]} halted".encode() in worker.get("/readyz?verbose").body
    assert worker.status("/readyz") == 503
    assert f"{table} is damaged (Corruption: block checksum mismatch" in worker.log.read_text()
    deployment.load.send(_EVENTS)
    deployment.wait_settled(halted={(RAW, lane[1])})
    assert worker.lanes("halted") == {lane}
    worker.stop()
    table.rename(table.with_name("aside"))
    deployment.worker("worker").wait_ready()
    deployment.check()


def test_a_log_that_rocksdb_would_read_for_ever_halts_its_lane_and_no_other(deployment: Deployment) -> None:
    """RocksDB once kept the event loop and the GIL, and the watchdog ended the process, and the next ones."""
    worker = deployment.worker("worker")
    worker.wait_ready()
    deployment.load.send(_EVENTS)
    deployment.wait_settled()
    worker.end()
    log = max(deployment.data_dir("worker").glob("seen/*/*.log"), key=lambda each: each.stat().st_size)
    records = bytearray(log.read_bytes())
    second = 7 + int.from_bytes(records[4:6], "little")
    records[second + 6] ^= 4  # its type is one of recycled logs now
    log.write_bytes(records)
    worker, table = deployment.worker("worker"), log.parent
    lane = (deployment.names.topic(RAW), int(table.name))
    wait_until("it answers", lambda: worker.status("/livez") == 200)
    wait_until("it has looked", lambda: worker.lanes("halted") == {lane})
    assert f"{table} cannot be opened: {log.name} is damaged at byte {second}" in worker.log.read_text()
    assert worker.status("/readyz") == 503
    deployment.load.send(_EVENTS)
    deployment.wait_settled(halted={(RAW, lane[1])})
    worker.stop()
    table.rename(table.with_name("aside"))
    deployment.worker("worker").wait_ready()
    deployment.check()


def test_a_fenced_lane_makes_it_unready_until_it_has_its_partition_again(deployment: Deployment) -> None:
    worker = deployment.worker("worker")
    worker.wait_ready()
    raw = deployment.names.topic(RAW)
    servers = ",".join(deployment.settings.kafka_bootstrap_servers)
    transactional_id = f"{deployment.names.group}-{raw}-0"
    other = {"bootstrap.servers": servers, "transactional.id": transactional_id, "log_level": 0}

    def fenced_and_told() -> bool:
        """The lane has its partition back within a moment, which one look may miss. So it is fenced anew for each
        look."""
        Producer(other).init_transactions(PATIENCE)
        return f"{raw}/0 failed".encode() in worker.get("/readyz?verbose").body

    with deployment.load.flowing():
        wait_until("it says so", fenced_and_told)
        worker.wait_ready()
    deployment.check()
