"""A deployment with data, before its migration and after it."""

import json
import signal
from http import HTTPStatus

from bridge.settings import Settings
from tests.integration.exactly_once.answers import asked
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.load import Load
from tests.integration.exactly_once.migrated import Topics, counter_examples
from tests.programs.checker.meaning import Meanings

OLD, LATE, NEW = 600, 100, 200
"""Deliveries before the migration, during it and after it."""

SIX = {"partitions": "6"}
AT_ONCE = {"test_lease": "0.5", "ingress_ack_timeout": "500ms"}
"""No ingress runs that a migration would have to wait for."""

VERBOSE = "/readyz?verbose"


def processed(deployment: Deployment) -> Topics:
    """Process everything under the old rules, end the worker in order, and return the topics."""
    worker = deployment.worker("worker")
    deployment.load.send(OLD)
    deployment.check()
    deployment.wait_judged()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    return Topics.of(deployment)


def migrate(deployment: Deployment, **settings: str) -> None:
    done = deployment.command("topics", "migrate", "--yes", **settings, **AT_ONCE).result()
    assert (done.exit_code, done.stderr) == (0, done.stderr)
    deployment.wait_for_markers()


def go_on_and_compare(deployment: Deployment, before: Topics, **settings: str) -> None:
    """Send everything again and something new to a worker with the new rules, and check topics, answers and ledger."""
    assert Topics.of(deployment).places() == before.places()  # a migration writes no output
    rules = Settings(**{**deployment.settings.model_dump(exclude_defaults=True), **settings})
    worker = deployment.worker("worker", **settings)
    load = Load(rules, seed=1)  # the same stream from its beginning
    load.send(OLD + NEW)
    deployment.wait_settled()
    deployment.wait_judged()
    worker.wait_ready()
    after = checked(deployment, before, load.meanings, rules.partitions)
    for record in after.live_states():
        answer = asked(worker, f"/orders/{(record.key or b'').decode()}")
        told = answer.state if answer.status == HTTPStatus.OK else answer.body
        assert told == json.loads(record.value or b""), (
            f"{answer.status} for {record.key!r}: {told!r}, not {record.value!r}"
        )
    assert balanced(deployment, **settings)["before_migration"] == len(before.raw)


def checked(deployment: Deployment, before: Topics, meanings: Meanings, partitions: int) -> Topics:
    """All topics. AssertionError: they are not as they must be after a migration to so many partitions."""
    after = before

    def find() -> list[str]:
        nonlocal after
        after = Topics.of(deployment)
        return list(counter_examples(before, after, meanings, partitions))

    found = deployment.once_joined(find)
    assert not found, "\n".join([f"{len(found)} counter-examples", *found[:30]])
    return after


def balanced(deployment: Deployment, **settings: str) -> dict[str, int]:
    """The ledger, which must balance."""
    verified = deployment.command("verify", "-o", "json", **settings).result()
    assert verified.exit_code == 0, verified.stdout + verified.stderr
    ledger: dict[str, int] = json.loads(verified.stdout)
    return ledger
