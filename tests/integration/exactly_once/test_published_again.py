"""Records that were kept aside are published again, each once, whatever happens to the commands, and the ledger
balances."""

import json
import signal
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from confluent_kafka import Producer

from deploy.local.kafka import LocalKafka
from schemas.acceptance import Quarantined, accept
from tests.integration.broker_signals import frozen
from tests.integration.exactly_once.command import Result
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.waiting import PATIENCE
from tests.programs.checker.names import CLEANED, CONFLICTS, ORDERS, QUARANTINE, RAW
from tests.programs.checker.record import Record

REPLAY_ALL = ("quarantine", "replay", "--all", "--yes")
ACCEPT_ALL = ("conflicts", "accept", "--all", "--yes")
SIX = {"partitions": "6"}


def refuse(deployment: Deployment, count: int) -> None:
    """Quarantine so many deliveries, as an ingress does that was given another tenant by mistake."""
    producer = Producer({"bootstrap.servers": ",".join(deployment.settings.kafka_bootstrap_servers)})
    for delivery in deployment.load.unsent(count):
        outcome = accept(
            delivery.body,
            content_encoding=None,
            tenant="somebody-else",
            table=deployment.settings.key_table,
            received_at_ms=time.time_ns() // 1_000_000,
            traceparent=None,
        )
        assert isinstance(outcome, Quarantined)
        producer.produce(deployment.settings.topics.quarantine, outcome.value, headers=outcome.headers)
        deployment.load.sent[delivery.body] += 1
        deployment.load.meanings[delivery.body] = delivery.meaning
    assert producer.flush(PATIENCE) == 0


def run(deployment: Deployment, *arguments: str, **settings: str) -> Result:
    """The result of a command, which must succeed."""
    result = deployment.command(*arguments, **settings).result()
    assert result.exit_code == 0, result
    return result


def listed(deployment: Deployment, what: str, **settings: str) -> dict[str, Any]:
    result = run(deployment, what, "list", "--limit", "100000", "-o", "json", **settings)
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def states(deployment: Deployment, what: str, **settings: str) -> Counter[str]:
    return Counter(record["state"] for record in listed(deployment, what, **settings)["records"])


def copies(deployment: Deployment, header: str) -> Counter[str]:
    """How often raw has each kept record."""
    places = (record.header(header) for record in deployment.records(RAW))
    return Counter(place for place in places if place is not None)


def places(records: Iterable[Record]) -> set[str]:
    return {str(record.source) for record in records}


def test_everything_that_was_kept_aside_is_published_and_the_ledger_balances(deployment: Deployment) -> None:
    """There are stored orders, refused deliveries among them, conflicts under documented and guessed keys, and
    strangers."""
    worker = deployment.worker("worker")
    deployment.load.send(800)
    refuse(deployment, 400)
    deployment.wait_settled()
    assert deployment.command("quarantine", "replay", "--all").result().exit_code == 2  # nobody has confirmed it
    replayed = run(deployment, *REPLAY_ALL)
    assert "Done: 400 published." in replayed.stderr
    deployment.wait_settled()

    held_back = states(deployment, "conflicts")["open"]
    assert held_back > 1
    assert f"Done: {held_back} published." in run(deployment, *ACCEPT_ALL).stderr
    deployment.wait_settled()
    accepted = [record for record in deployment.records(ORDERS) if record.header("bridge_accept")]
    assert len(accepted) == held_back
    assert all(record.header("bridge_conflict") == "true" for record in accepted)

    assert "Nothing to do." in run(deployment, *REPLAY_ALL).stderr
    assert "Nothing to do." in run(deployment, *ACCEPT_ALL).stderr
    assert states(deployment, "conflicts")["published"] == held_back
    assert states(deployment, "quarantine")["published"] == 400
    assert states(deployment, "quarantine")["refused"] > 1  # the strangers
    assert worker.runs
    deployment.check()
    ledger = json.loads(run(deployment, "verify", "-o", "json").stdout)
    assert ledger["balanced"]
    assert ledger["quarantined_by_ingress"] == {"other_tenant": 400}
    assert (
        ledger["outcomes"]["unique"]
        == sum(len(deployment.records(dataset)) for dataset in CLEANED) - (ledger["conflicts_passed"])
    )


def test_what_was_published_before_a_migration_is_not_published_again(deployment: Deployment) -> None:
    """Copies lie in the partitions of raw where the partition count of their time put them. New copies would lie
    elsewhere."""
    worker = deployment.worker("worker")
    deployment.load.send(800)
    refuse(deployment, 100)
    deployment.wait_settled()
    run(deployment, *REPLAY_ALL)
    deployment.wait_settled()
    run(deployment, *ACCEPT_ALL)
    deployment.wait_settled()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    before = {what: states(deployment, what) for what in ("quarantine", "conflicts")}
    assert all(state["published"] and not state["open"] for state in before.values()), before
    run(deployment, "topics", "migrate", "--yes", **SIX, test_lease="0.5", ingress_ack_timeout="500ms")
    assert {what: states(deployment, what, **SIX) for what in before} == before
    assert "Nothing to do." in run(deployment, *REPLAY_ALL, **SIX).stderr
    assert "Nothing to do." in run(deployment, *ACCEPT_ALL, **SIX).stderr


@pytest.mark.parametrize("fault", ["before-commit:KILL:2", "after-commit:KILL:2"])
def test_a_killed_replay_goes_on_where_it_was(deployment: Deployment, fault: str) -> None:
    """All of a transaction is sent and none of it may be seen; or all of it is seen, and the command never knew."""
    refuse(deployment, 1200)
    assert deployment.command(*REPLAY_ALL, fault=fault).result().exit_code == -signal.SIGKILL
    run(deployment, *REPLAY_ALL)
    found = copies(deployment, "bridge_replay")
    assert found.keys() == places(deployment.records(QUARANTINE))
    assert found.total() == 1200
    deployment.worker("worker")
    deployment.check()


def test_a_killed_acceptance_goes_on_where_it_was(deployment: Deployment) -> None:
    deployment.load.send(800)
    deployment.worker("worker")
    deployment.wait_settled()
    assert deployment.command(*ACCEPT_ALL, fault="before-commit:KILL:1").result().exit_code == -signal.SIGKILL
    assert deployment.command(*ACCEPT_ALL, fault="after-commit:KILL:1").result().exit_code == -signal.SIGKILL
    assert "Nothing to do." in run(deployment, *ACCEPT_ALL).stderr
    assert set(copies(deployment, "bridge_accept").values()) == {1}
    deployment.check()


def test_of_two_replays_at_a_time_the_later_one_goes_on(deployment: Deployment) -> None:
    """The first one has sent half of it and is frozen. When it wakes, it may not commit any more."""
    refuse(deployment, 1200)
    first = deployment.command(*REPLAY_ALL, fault="before-commit:STOP:2", transaction_timeout="5 min")  # outlasts it
    first.wait_frozen()
    run(deployment, *REPLAY_ALL)
    first.go_on()
    overtaken = first.result()
    assert overtaken.exit_code == 2
    assert "Another command has begun to publish" in overtaken.stderr
    found = copies(deployment, "bridge_replay")
    assert (len(found), found.total()) == (1200, 1200)


def test_single_places_are_published_and_no_other(deployment: Deployment) -> None:
    refuse(deployment, 20)
    first, second = [record["position"] for record in listed(deployment, "quarantine")["records"]][3:5]
    run(deployment, "quarantine", "replay", first, second, "--yes")
    assert copies(deployment, "bridge_replay") == {first: 1, second: 1}
    assert deployment.records(CONFLICTS) == []


def test_a_broker_that_does_not_answer_ends_the_command(
    mortal_kafka: LocalKafka, mortal_deployment: Deployment
) -> None:
    """What became of the transaction is unknown. The same command finds out."""
    deployment = mortal_deployment
    refuse(deployment, 1200)
    command = deployment.command(*REPLAY_ALL, fault="before-commit:STOP:2", transaction_timeout="6s")
    command.wait_frozen()
    with frozen(mortal_kafka):
        command.go_on()
        result = command.result()
    assert result.exit_code == 2
    assert "did not acknowledge within 6 s" in result.stderr
    run(deployment, *REPLAY_ALL)
    found = copies(deployment, "bridge_replay")
    assert (len(found), found.total()) == (1200, 1200)
