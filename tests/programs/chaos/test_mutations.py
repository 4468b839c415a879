"""The checker can fail: it catches an engine that is broken on purpose, and the same run without the break passes."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.kafka import LocalKafka
from tests.integration.exactly_once.deployment import PARTITIONS, Deployment, wait_for_lanes
from tests.integration.exactly_once.forking import ForkServer
from tests.integration.waiting import wait_until
from tests.programs.chaos.cluster import Cluster, cluster
from tests.programs.chaos.diary import Diary
from tests.programs.chaos.health import Health
from tests.programs.chaos.marks import MarksReader
from tests.programs.chaos.site import Site
from tests.programs.chaos.truncation import lose_end
from tests.programs.chaos.unseen import longest
from tests.programs.checker.names import RAW

STATIC = {"worker_instance_id": "worker-0"}  # a worker that comes back need not wait for the group
_BLOCKED = {"test_mutation": "block-apply", "test_standstill": "600"}  # the watchdog waits, so that it can be seen


@pytest.fixture
def deployment(kafka: LocalKafka, prefix: str, tmp_path: Path, fork_server: ForkServer) -> Iterator[Deployment]:
    """On the session's broker."""
    with closing(Deployment(kafka.bootstrap_servers, prefix, tmp_path, start=fork_server.start)) as deployment:
        deployment.load.send(1200)
        yield deployment


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A broker that may lose what it has."""
    with cluster(1, tmp_path_factory.mktemp("broker"), relayed=False) as made:
        yield made


def found(deployment: Deployment) -> str:
    """What the checker says."""
    return "\n".join(deployment.counter_examples(deployment.load.sent, deployment.load.meanings))


@pytest.mark.parametrize("mutation", ["write-rows-before-the-commit", "commit-offsets-apart"])
def test_what_is_done_before_the_commit_is_lost_with_the_transaction(deployment: Deployment, mutation: str) -> None:
    doomed = deployment.worker("worker", test_mutation=mutation, test_fault="decisive:KILL", **STATIC)
    assert doomed.wait() == -signal.SIGKILL
    deployment.worker("worker", **STATIC).wait_ready()
    deployment.wait_settled()
    said = found(deployment)
    assert ": lost" in said or "not that of its events" in said  # the latter where it was orders that were committed


def test_a_zombie_that_nobody_fences_writes_twice(deployment: Deployment) -> None:
    unfenced = {"test_mutation": "skip-the-fence", "transaction_timeout": "10 min"}  # for units
    # Its watchdog would end a process that was stopped for half a minute.
    zombie = deployment.worker("zombie", test_fault="decisive:STOP", test_standstill="600", **unfenced)
    zombie.wait_frozen()
    successor = deployment.worker("successor", **unfenced)
    wait_for_lanes(successor)
    zombie.signal(signal.SIGCONT)
    # Do not wait until all is processed: the zombie may set the group back, too, and a transaction that nobody ends
    # holds up a partition until its timeout.
    wait_until("a duplicate is found", lambda: "duplicate of" in found(deployment), lambda: found(deployment), 150)


def test_a_send_that_fails_unnoticed_is_a_loss(deployment: Deployment) -> None:
    deployment.worker("worker", test_mutation="ignore-failed-sends").wait_ready()
    deployment.wait_settled()
    assert ": lost" in found(deployment)


def test_a_send_that_fails_and_is_noticed_is_none(deployment: Deployment) -> None:
    worker = deployment.worker("worker", test_mutation="fail-some-sends")
    worker.wait_ready()
    deployment.check()
    assert "refused by the test" in worker.log.read_text()


@pytest.mark.parametrize("mutation", ["skip-the-recovery", "end-the-recovery-early"])
def test_tables_that_are_not_recovered_let_duplicates_pass(deployment: Deployment, mutation: str) -> None:
    recover(deployment)
    deployment.worker("worker", test_mutation=mutation, **STATIC).wait_ready()
    deployment.wait_settled()
    assert "should not be there" in found(deployment)


def test_tables_that_are_recovered_remember_everything(deployment: Deployment) -> None:
    recover(deployment)
    deployment.worker("worker", **STATIC).wait_ready()
    deployment.check()


def recover(deployment: Deployment) -> None:
    """A worker has done its work and lost its disk, and everything is delivered again."""
    first = deployment.worker("worker", **STATIC)
    first.wait_ready()
    deployment.wait_settled()
    first.end()
    shutil.rmtree(deployment.data_dir("worker"))
    deployment.load.send_again()


def test_the_end_of_a_transaction_that_comes_late_ends_the_next_one_half_way(deployment: Deployment) -> None:
    """Its outputs are there, and the tables do not know. A lane would halt on that if it did not trust the group's
    offset."""
    doomed = deployment.worker("worker", test_mutation="end-a-transaction-twice", **STATIC)
    assert doomed.wait() == -signal.SIGKILL
    deployment.worker("worker", test_mutation="trust-the-group", **STATIC).wait_ready()
    deployment.wait_settled()
    said = found(deployment)
    # Which of them depends on the two transactions: the second if a payload came once more, the third if the next
    # transaction has the same again.
    assert any(words in said for words in ("should not be there", "is that of", "duplicate of")), said


def test_by_the_second_protocol_it_ends_nothing(deployment: Deployment) -> None:
    """It is of another epoch. The lane that trusts the group's offset is right to."""
    doomed = deployment.worker("worker", test_mutation="end-each-in-the-next", **STATIC)
    assert doomed.wait() == -signal.SIGKILL
    deployment.worker("worker", test_mutation="trust-the-group", **STATIC).wait_ready()
    deployment.wait_settled()
    assert not found(deployment)


@pytest.mark.parametrize("settings", [_BLOCKED, {}], ids=["blocked", "as it is"])
def test_an_event_loop_that_stands_still_is_seen_from_outside(
    deployment: Deployment, tmp_path: Path, settings: dict[str, str]
) -> None:
    worker = deployment.worker("worker", **settings)
    marks = MarksReader(",".join(deployment.settings.kafka_bootstrap_servers), deployment.names, PARTITIONS)
    health = Health({"worker": worker}, {}, marks, Diary(tmp_path / "diary.log"))
    with closing(marks), health.watching() as unhealthy:
        wait_until("it is probed", lambda: worker in health.probed)
        deployment.load.send(6000)
        if settings:
            wait_until("it is seen", lambda: any("/livez" in violation for violation in unhealthy))
        else:
            deployment.wait_settled()
    assert bool(settings) is bool(unhealthy)


@pytest.mark.parametrize("mutation", ["pass-check-last", None])
def test_a_log_that_has_lost_its_end_and_grown_again_is_known_by_its_last_record(
    broker: Cluster, tmp_path: Path, prefix: str, fork_server: ForkServer, mutation: str | None
) -> None:
    """Else what came in its place would be skipped."""
    with closing(site_on(broker, tmp_path, prefix, fork_server)) as site:
        load = site.deployment.load
        load.send(1200)
        first = site.start_worker("worker")
        first.wait_ready()
        site.wait_settled()
        first.stop()
        partition = longest(site, RAW)
        end = site.deployment.ends(RAW)[partition]
        lose_end(site, RAW, partition, 20_000)
        site.losing = True
        load.connect_anew()
        while site.deployment.ends(RAW)[partition] <= end:
            load.send(100)
        site.start_worker("worker", **({"test_mutation": mutation} if mutation else {}))
        site.wait_for_lanes()
        site.wait_settled()
        violations = site.deployment.counter_examples(load.sent, load.meanings, None, site.shortfall())
        assert any("skipped" in violation for violation in violations) is bool(mutation)
        assert site.halted() == (set() if mutation else {(RAW, partition)})
        assert bool(mutation) is bool(violations)


def site_on(broker: Cluster, directory: Path, prefix: str, fork_server: ForkServer) -> Site:
    """A site with one worker to come and no ingress."""
    deployment = Deployment(broker.bootstrap_servers, prefix, directory, start=fork_server.start)
    return Site(broker, deployment, directory, static=True)
