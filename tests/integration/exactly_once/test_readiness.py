"""What `/readyz` says while a lane does not run."""

from confluent_kafka import Producer

from tests.integration.exactly_once.deployment import Deployment
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.bench.remembered import remember
from tests.programs.checker.names import RAW

_KEYS = 200_000
"""Reading them takes about a second."""


def test_while_tables_are_read_anew_it_is_not_ready_and_says_how_much_is_left(deployment: Deployment) -> None:
    remember(deployment.settings, _KEYS, again=())
    worker = deployment.worker("worker")
    said: list[bytes] = []

    def is_ready() -> bool:
        answer = worker.get("/readyz?verbose") if worker.status("/livez") == 200 else None
        said.append(answer.body if answer and answer.status == 503 else b"")
        return answer is not None and answer.status == 200

    wait_until("it is ready", is_ready, lambda: said[-1])
    assert any(b" opening" in text for text in said)
    assert worker.metric("bridge_recovery_records_total{", '"seen"') >= _KEYS
    wait_until("nothing is left", lambda: worker.metric("bridge_recovery_remaining_records{") == 0)


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
    table.unlink()
    worker.wait_ready()
    deployment.check()


def test_a_fenced_lane_makes_it_unready_until_it_has_its_partition_again(deployment: Deployment) -> None:
    worker = deployment.worker("worker")
    worker.wait_ready()
    raw = deployment.names.topic(RAW)
    servers = ",".join(deployment.settings.kafka_bootstrap_servers)
    transactional_id = f"{deployment.names.group}-{raw}-0"
    other = {"bootstrap.servers": servers, "transactional.id": transactional_id, "log_level": 0}

    def fenced_and_told() -> bool:
        """It has its partition back within a moment, which one look may miss: each is at a lane that is fenced anew."""
        Producer(other).init_transactions(PATIENCE)
        return f"{raw}/0 failed".encode() in worker.get("/readyz?verbose").body

    with deployment.load.flowing():
        wait_until("it says so", fenced_and_told)
        worker.wait_ready()
    deployment.check()
