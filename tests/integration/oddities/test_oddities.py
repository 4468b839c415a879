"""Each oddity goes through the whole path: it has the contract's outcome, nothing is lost, and nothing breaks."""

import json
from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from commands.app import app
from schemas.order_state import OrderState
from tests.integration.exactly_once.deployment import PARTITIONS
from tests.integration.oddities.case import (
    Case,
    Cleaned,
    Delivery,
    Dropped,
    HeldBack,
    Passed,
    Quarantined,
    Rejected,
)
from tests.integration.oddities.cases import CASES
from tests.integration.oddities.conftest import ORDINARY
from tests.integration.oddities.making import TENANT
from tests.integration.oddities.passage import Passage, is_found_in_raw
from tests.integration.waiting import wait_until
from tests.programs.checker.check import wrong_records
from tests.programs.checker.names import CONFLICTS, QUARANTINE, RAW
from tests.programs.checker.record import Record

each_case = pytest.mark.parametrize("case", [*CASES, ORDINARY], ids=str)
DELIVERIES = [delivery for case in (*CASES, ORDINARY) for delivery in case.deliveries]


@each_case
def test_each_delivery_has_the_answer_and_the_outcome_of_the_contract(passage: Passage, case: Case) -> None:
    assert passage.answers[case] == [delivery.status for delivery in case.deliveries]
    for delivery in case.deliveries:
        match delivery.outcome:
            case Cleaned() as outcome:
                assert passage.places(delivery.body) == {outcome.dataset: 1}
                check_event(passage, delivery, outcome, mark=False)
            case Passed(outcome):
                assert passage.places(delivery.body) == {CONFLICTS: 1, outcome.dataset: 1}
                check_event(passage, delivery, outcome, mark=True)
            case HeldBack():
                assert passage.places(delivery.body) == {CONFLICTS: 1}
            case Dropped():
                assert passage.of(delivery.body, RAW)
            case Quarantined(reason):
                check_quarantined(passage, delivery, reason)
            case Rejected():
                check_stub(passage, delivery)


def check_event(passage: Passage, delivery: Delivery, outcome: Cleaned, *, mark: bool) -> None:
    (record,) = passage.of(delivery.body, outcome.dataset)
    raw = passage.of(delivery.body, RAW)[0]
    name = (raw.key or b"").decode()
    wanted = {
        "ce_specversion": "1.0",
        "ce_id": f"{TENANT}/{quote(name, safe='')}/{outcome.event_key}"
        + (f"~{record.header('bridge_payload_hash')}" if mark else ""),
        "ce_type": name,
        "ce_source": f"/newstore/{TENANT}",
        "ce_time": outcome.time,
        "content-type": "application/json",
        "bridge_entity_key": outcome.key,
        "bridge_source": str(raw.source),
        "ce_bridgesource": str(raw.source),
        "bridge_conflict": "true" if mark else None,
        "ce_bridgeconflict": "true" if mark else None,
        "bridge_accept": None,
        "bridge_replay": None,
        **delivery.gains,
    }
    assert (record.key, {header: record.header(header) for header in wanted}) == (outcome.key.encode(), wanted)


def check_quarantined(passage: Passage, delivery: Delivery, reason: str) -> None:
    """The ingress quarantines it as a body that never was in raw, and so does the worker where raw has it."""
    found = passage.of(delivery.body, QUARANTINE)
    stages = ["ingress", "dedupe"] if is_found_in_raw(delivery) else ["ingress"]
    assert [(record.key, record.header("bridge_error_reason")) for record in found] == [(None, reason)] * len(stages)
    assert sorted(str(record.header("bridge_error_stage")) for record in found) == sorted(stages)
    assert passage.places(delivery.body) == {QUARANTINE: len(stages)}
    assert len(passage.of(delivery.body, RAW)) == len(stages) - 1


def check_stub(passage: Passage, delivery: Delivery) -> None:
    """If a body has no declared length, the size is what was read of it."""
    assert not passage.of(delivery.body, RAW)
    stubs = [json.loads(record.value or b"") for record in passage.records[QUARANTINE] if is_stub(record)]
    chunked = "transfer-encoding" if delivery.chunked else "content-length"
    (stub,) = [
        stub
        for stub in stubs
        if chunked in stub["headers"] and (delivery.chunked or stub["size"] == len(delivery.body))
    ]
    assert stub["truncated"] is True
    assert (8 << 20) - (128 << 10) < stub["size"] <= len(delivery.body)


def is_stub(record: Record) -> bool:
    return record.header("bridge_error_reason") == "too_large"


@each_case
def test_each_order_has_the_state_that_its_events_amount_to(passage: Passage, case: Case) -> None:
    for order_id, wanted in case.orders.items():
        state = passage.order(order_id)
        assert passage.order_record(order_id) == state
        if wanted is None:
            assert state is None
        else:
            assert part_of(state, wanted) == wanted
            OrderState.model_validate(state, strict=True)


def part_of(found: Any, wanted: Any) -> Any:
    """The part of `found` that `wanted` asks for."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return {name: part_of(found.get(name), value) for name, value in wanted.items()} if wanted else found and {}
    if isinstance(wanted, list) and isinstance(found, list) and len(found) == len(wanted):
        return [part_of(one, value) for one, value in zip(found, wanted, strict=True)]
    return found


def test_the_topics_hold_nothing_else(passage: Passage) -> None:
    """The checker knows what each body in raw meant. What the ingress keeps back never got there."""
    from_raw = {
        dataset: [record for record in records if record.header("bridge_error_stage") != "ingress"]
        for dataset, records in passage.records.items()
    }
    assert not list(wrong_records(from_raw, passage.sent, passage.meanings, PARTITIONS))
    refused = sum(isinstance(delivery.outcome, Quarantined | Rejected) for delivery in DELIVERIES)
    assert len(passage.records[QUARANTINE]) - len(from_raw[QUARANTINE]) == refused


def test_the_ledger_balances(passage: Passage) -> None:
    settings = passage.deployment.settings
    environment = {
        "BRIDGE_TENANT": settings.tenant,
        "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": ",".join(settings.kafka_bootstrap_servers),
        "BRIDGE_TOPIC_PREFIX": settings.topic_prefix,
        "BRIDGE_PARTITIONS": str(settings.partitions),
    }
    result = CliRunner().invoke(app, ["verify", "-o", "json"], env=environment)
    assert result.exit_code == 0, result.output
    ledger = json.loads(result.stdout)
    counted = Counter(type(delivery.outcome) for delivery in DELIVERIES)
    again = Counter(type(d.outcome) for case in CASES for d in case.deliveries if is_found_in_raw(d))
    assert ledger["outcomes"] == {
        "unique": counted[Cleaned],
        "duplicate": counted[Dropped] + again[Cleaned] + again[Passed] + again[HeldBack],
        "conflict": counted[Passed] + counted[HeldBack],
        "quarantined": again[Quarantined],
    }
    assert ledger["conflicts_passed"] == counted[Passed]
    reasons = Counter(d.outcome.reason for d in DELIVERIES if isinstance(d.outcome, Quarantined))
    assert ledger["quarantined_by_ingress"] == {**reasons, "too_large": counted[Rejected]}


def test_ingress_and_worker_are_as_they_were(passage: Passage) -> None:
    """Both processes are those that were started, no lane ever failed, and nothing waits."""
    for service in (passage.ingress, passage.worker):
        assert service.status("/livez") == 200
        service.wait_ready()
    assert "not running" not in passage.worker.log.read_text()
    wait_until("no lag", lambda: passage.worker.metric("bridge_consumer_lag_events{") == 0)
