"""`bridge explain` says what dedupe made of every delivery, by a worker's answer or from the topics alone."""

import json
from collections.abc import Callable
from typing import Any

from typer.testing import CliRunner

from commands.app import app
from deploy.local.ports import free_ports
from tests.integration.exactly_once.deliveries import Delivery, delivery
from tests.integration.exactly_once.deployment import KEY, Deployment
from tests.integration.exactly_once.events import Event
from tests.programs.checker.names import CONFLICTS, ORDERS, QUARANTINE, RAW

Explain = Callable[[str], dict[str, Any]]


def happened(name: str, second: int, **payload: Any) -> Event:
    return Event(f"{second}", name, second, {"id": "SO-1", **payload}, ORDERS, "SO-1", "SO-1")


CREATED, OPENED = happened("order.created", 0, external_id="GC1", items=[]), happened("order.opened", 1, items=[])
SENT = {
    "unique": delivery(CREATED),
    "duplicate": delivery(CREATED, reordered=True),
    "held back": delivery(CREATED, payload=1),
    "duplicate of held back": delivery(CREATED, payload=1, reordered=True),
    "opened": delivery(OPENED),
    "passed on": delivery(OPENED, payload=1),
    "no event": Delivery("order.opened", b"no envelope", None),
}


def asking(deployment: Deployment, worker_url: str) -> Callable[..., Any]:
    environment = {**deployment._environment, "BRIDGE_WORKER_URL": worker_url, "BRIDGE_WORKER_API_KEYS": KEY}

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, [*arguments], env=environment)

    return run


def explaining(run: Callable[..., Any]) -> Explain:
    def explain(of: str) -> dict[str, Any]:
        result = run("explain", of, "-o", "json")
        assert result.exit_code == 0, result.output
        document: dict[str, Any] = json.loads(result.stdout)
        return document

    return explain


def test_every_verdict_is_explained_with_and_without_a_worker(deployment: Deployment) -> None:
    deployment.load.send_all(SENT.values())
    worker = deployment.worker("worker")
    worker.wait_ready()
    deployment.wait_settled()
    raw = {record.value: f"{record.partition}:{record.offset}" for record in deployment.records(RAW)}
    at = {name: raw[sent.body] for name, sent in SENT.items()}
    ask, ask_topics = (asking(deployment, f"http://127.0.0.1:{port}") for port in (worker.port, *free_ports(1)))
    cleaned = {record.value: f"{record.partition}:{record.offset}" for record in deployment.records(ORDERS)}
    conflicts = {record.value: f"{record.partition}:{record.offset}" for record in deployment.records(CONFLICTS)}
    [refused] = deployment.records(QUARANTINE)

    for explain in map(explaining, (ask, ask_topics)):
        found = {name: explain(position)["deliveries"][0] for name, position in at.items()}
        told = {name: (each["verdict"], each["first"]) for name, each in found.items()}
        assert told == {
            "unique": ("unique", None),
            "duplicate": ("duplicate", at["unique"]),
            "held back": ("conflict", at["unique"]),
            "duplicate of held back": ("duplicate", at["held back"]),
            "opened": ("unique", None),
            "passed on": ("conflict", at["opened"]),
            "no event": ("quarantined", None),
        }
        for name, of in (
            ("unique", "unique"),
            ("duplicate", "unique"),
            ("opened", "opened"),
            ("passed on", "passed on"),
        ):
            assert found[name]["cleaned"] == cleaned[SENT[of].body]
            assert found[name]["order"]["order_id"] == "SO-1"
        assert found["held back"]["cleaned"] is None
        assert found["held back"]["conflict"] == conflicts[SENT["held back"].body]
        assert found["passed on"]["passed_on"]
        assert found["no event"]["quarantined"] == f"{refused.partition}:{refused.offset}"
        every = [each["raw"] for each in explain("acme/order.created/SO-1")["deliveries"]]
        assert every == [at[name] for name in ("unique", "duplicate", "held back", "duplicate of held back")]
        for of in ("SO-1", "gc1"):
            [order] = explain(of)["orders"]
            assert (order["order_id"], order["external_id"]) == ("SO-1", "GC1")
            facts = {fact["raw"]: fact["cleaned"] for fact in order["facts"]}
            assert facts == {at[name]: cleaned[SENT[name].body] for name in ("unique", "opened", "passed on")}
            assert [each["conflict"] for each in order["held_back"]] == [conflicts[SENT["held back"].body]]
    assert explaining(ask)(at["duplicate"])["deliveries"][0]["deliveries"] == 2
    assert explaining(ask)(f"conflicts:{conflicts[SENT['passed on'].body]}")["deliveries"][0]["raw"] == at["passed on"]

    held = conflicts[SENT["held back"].body]
    assert ask("conflicts", "accept", held, "--yes").exit_code == 0
    deployment.wait_settled()
    [accepted] = [r for r in deployment.records(RAW) if f"{r.partition}:{r.offset}" not in at.values()]
    by = f"{accepted.partition}:{accepted.offset}"
    for explain in map(explaining, (ask, ask_topics)):
        assert explain(at["held back"])["deliveries"][0]["accepted"] == by
        [acceptance] = explain(by)["deliveries"]
        assert (acceptance["verdict"], acceptance["accepts"]) == ("unique", held)
        assert explain("SO-1")["orders"][0]["held_back"] == []
    text = ask("explain", at["held back"])
    assert f"accepted as raw {by}" in text.stdout
    assert f"Asked: the worker at http://127.0.0.1:{worker.port}." in text.stderr
    assert "No worker could be asked" in ask_topics("explain", at["held back"]).stderr
