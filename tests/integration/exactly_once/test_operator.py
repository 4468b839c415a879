"""What `bridge status` and `bridge doctor` tell about a real deployment: each fault with its remedy."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from deploy.local.kafka import LocalKafka
from schemas.events import TEST_EVENT
from tests.integration.broker_signals import frozen
from tests.integration.commands.broker import Broker
from tests.integration.exactly_once.deployment import BEARER, LANES, PARTITIONS, Deployment
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.checker.names import CLEANED, CONFLICTS, ORDER_STATE, ORDERS, QUARANTINE, RAW

_SILENCE = ("no answer", "not answer", "answers at", "says nothing")
"""What is said of a service that was not heard in time, on a busy machine, too."""
_PATIENT = {"ingress_ack_timeout": "60s"}


class Operator:
    """Asks both commands at the same time, and again while some service was not heard."""

    def __init__(self, deployment: Deployment, ingress: Service, worker: Service, **settings: str) -> None:
        self._deployment = deployment
        self._settings = {
            "ingress_url": f"http://127.0.0.1:{ingress.port}",
            "worker_url": f"http://127.0.0.1:{worker.port}",
            **settings,
        }

    def status(self) -> dict[str, Any]:
        """What `bridge status` says."""

        def heard() -> dict[str, Any] | None:
            found: dict[str, Any] = json.loads(self._command("status").result().stdout)
            return None if _is_silence(each["what"] for each in found["problems"]) else found

        return wait_until("everybody is heard", heard)

    def sent_through(self) -> list[dict[str, Any]]:
        """What `bridge doctor --through` says of a test event."""
        findings = json.loads(self._command("doctor", "--through").result().stdout)["findings"]
        return [each for each in findings if each["check"] == "through"]

    def told(self) -> tuple[Mapping[str, str | None], Mapping[str, list[str]]]:
        """Remedies by what is wrong, as `bridge status` and as `bridge doctor` have them."""

        def heard() -> tuple[Mapping[str, str | None], Mapping[str, list[str]]] | None:
            told = self.told_at_once()
            return None if any(map(_is_silence, told)) else told

        return wait_until("everybody is heard", heard)

    def remedies(self, *words: str) -> tuple[Any, ...]:
        """Of what has all these words, as the first and the second have it, once both do: each ten seconds a halted
        lane is opened again, and is no halted one for a moment."""

        def found() -> tuple[Any, ...]:
            told = self.told()
            remedies = (next((of[what] for what in of if all(word in what for word in words)), None) for of in told)
            return tuple(each for each in remedies if each is not None)

        return wait_until(f"both tell of {words}", lambda: both if len(both := found()) == 2 else None)

    def told_at_once(self) -> tuple[Mapping[str, str | None], Mapping[str, list[str]]]:
        """The same, asked once."""
        asked = self._command("status"), self._command("doctor")
        status, doctor = (json.loads(each.result().stdout) for each in asked)
        wrong = [each for each in doctor["findings"] if each["state"] == "wrong"]
        return (
            {each["what"]: each["remedy"] for each in status["problems"]},
            {each["what"]: each["remedies"] for each in wrong},
        )

    def _command(self, *arguments: str) -> Any:
        return self._deployment.command(*arguments, "-o", "json", **self._settings)


def _is_silence(problems: Iterable[str]) -> bool:
    return any(words in what for what in problems for words in _SILENCE)


def named(told: Mapping[str, Any], *words: str) -> Any:
    """The remedy of the first problem with all these words."""
    found = [remedy for what, remedy in told.items() if all(word in what for word in words)]
    assert found, told
    return found[0]


def assert_only_where_nobody_looks(deployment: Deployment, findings: list[dict[str, Any]]) -> None:
    """The test event came through once, and no reader of orders, stock or customers has got anything."""
    assert [each["state"] for each in findings] == ["ok", "ok", "ok"], findings
    for dataset in (*CLEANED, ORDER_STATE, CONFLICTS, QUARANTINE):
        found = [record for record in deployment.records(dataset) if TEST_EVENT.encode() in (record.value or b"")]
        assert len(found) == (dataset == "unknown"), dataset
    assert len([value for value in deployment.values(RAW) if TEST_EVENT.encode() in value]) == 2


def settled(deployment: Deployment) -> tuple[Service, Service]:
    """A ready ingress and worker, which have processed some deliveries."""
    worker, ingress = deployment.worker("worker"), deployment.ingress(**_PATIENT)
    deployment.load.send(200)
    worker.wait_ready()
    ingress.wait_ready()
    deployment.wait_settled()
    return ingress, worker


def test_each_fault_is_named_with_its_remedy(deployment: Deployment, kafka: LocalKafka) -> None:
    ingress, worker = settled(deployment)
    operator = Operator(deployment, ingress, worker)

    lag = {deployment.names.topic(dataset): 0 for dataset in (RAW, ORDERS)}

    def caught_up() -> dict[str, Any] | None:
        deployment.load.send(1)  # in the last minute, however long all that took
        deployment.wait_settled()
        seen = operator.status()
        return seen if (seen["lag"], seen["lanes"]) == (lag, {"ready": LANES}) else None

    found = wait_until("all lanes run, and their lag is known", caught_up)
    assert [each["url"] for each in found["workers"]] == [f"http://127.0.0.1:{worker.port}"]
    assert (found["ingress"]["ready"], found["workers"][0]["ready"]) == (True, True)
    assert found["orders"] == {"incomplete": 0, "stalled": 0, "of_older_rules": 0}
    assert found["last_event"]["event"]
    assert found["events_per_second"]["received_last_minute"] > 0

    assert_only_where_nobody_looks(deployment, operator.sent_through())

    body = json.dumps({"tenant": "beta", "name": "order.created", "payload": {}}).encode()
    assert ingress.request("POST", "/webhooks/newstore", body, BEARER).status == 200
    for told in operator.told():
        assert "BRIDGE_TENANT" in str(named(told, "another tenant", "beta"))

    with frozen(kafka):
        by_status, by_doctor = operator.told_at_once()
    assert "bridge doctor" in named(by_status, "no answer from", "within 3 s")
    assert "restart it" in str(named(by_doctor, "takes connections, and then says nothing"))

    missing = deployment.names.topic(QUARANTINE)
    Broker(deployment.settings).delete(QUARANTINE)
    for told in operator.told():
        assert "bridge topics apply" in str(named(told, missing))


def test_a_tenant_that_is_not_that_of_the_others_is_named(deployment: Deployment) -> None:
    """First the worker's tenant is another one, then the asker's."""
    worker, ingress = deployment.worker("worker", tenant="beta"), deployment.ingress(**_PATIENT)
    worker.wait_ready()
    ingress.wait_ready()
    deployment.load.send(20)
    wait_until("the worker says so", lambda: b"[!]tenant" in worker.get("/readyz?verbose").body)
    for told in Operator(deployment, ingress, worker).told():
        assert "BRIDGE_TENANT" in str(named(told, "all events of the last", "beta"))
    through = Operator(deployment, ingress, worker).sent_through()
    assert "the worker has put it into" in through[-1]["what"]
    elsewhere, _ = Operator(deployment, ingress, worker, tenant="gamma").told()
    assert "the same BRIDGE_TENANT" in str(named(elsewhere, "the last event in raw is of", "gamma"))


def test_events_that_come_though_the_settings_leave_them_out_are_named(deployment: Deployment) -> None:
    """One name is misspelt: no order that lacked that event was incomplete, and nothing said so."""
    worker, ingress = deployment.worker("worker", events="order.creatd,order.opened"), deployment.ingress(**_PATIENT)
    worker.wait_ready()
    ingress.wait_ready()
    deployment.load.send(20)
    wait_until("the worker says so", lambda: b"[!]events: order.created" in worker.get("/readyz?verbose").body)
    by_status, _ = Operator(deployment, ingress, worker).told()
    assert "name in BRIDGE_EVENTS" in str(named(by_status, "order.created", "leaves"))


def test_a_changelog_that_was_made_anew_is_told_though_nothing_comes(deployment: Deployment, kafka: LocalKafka) -> None:
    """All lanes were once ready, though each would have halted with the next record that it commits."""
    ingress, worker = settled(deployment)
    Broker(deployment.settings).delete("dedupe-changelog")
    wait_until("it is made anew", lambda: deployment.command("topics", "apply", "--yes").result().exit_code == 0)
    raw = deployment.names.topic(RAW)

    def lanes() -> str:
        told = worker.get("/readyz?verbose").body.decode().splitlines()
        return next((line for line in told if line.startswith("[-]lanes")), "")

    wait_until("all its lanes have halted", lambda: lanes().count(" halted") == lanes().count(raw) == PARTITIONS, lanes)
    for remedy in Operator(deployment, ingress, worker).remedies(f"{raw}/0 halted"):
        assert "docs/engine.md#when-a-lane-halts" in str(remedy)
