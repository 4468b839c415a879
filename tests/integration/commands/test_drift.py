"""`bridge schema drift` over real topics."""

import json
import time
from pathlib import Path
from typing import Any

from bridge.settings import Settings
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import ByHand

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
REFUND = (SAMPLES / "refund_request.issued.json").read_bytes()


def refund(**fields: Any) -> bytes:
    document = json.loads(REFUND)
    document["payload"] |= fields
    return json.dumps(document).encode()


def found(bridge: Run, *arguments: str) -> tuple[int, dict[str, Any]]:
    result = bridge("schema", "drift", "-o", "json", *arguments)
    document: dict[str, Any] = json.loads(result.stdout)
    return result.exit_code, document


def test_without_drift_it_says_so_and_ends_well(bridge: Run, hand: ByHand, settings: Settings) -> None:
    assert found(bridge) == (0, {"records": 0, "deviates": False, "events": {}, "deviations": []})
    for sample in SAMPLES.glob("*.json"):
        hand.raw(sample.read_bytes())
    hand.aborted_transaction(settings.topics.raw)  # the topic's end is no record
    exit_code, document = found(bridge)
    assert (exit_code, document["records"], document["deviations"]) == (0, 6, [])
    result = bridge("schema", "drift")
    assert result.exit_code == 0
    assert result.stdout == "No drift: 6 events read.\n"


def test_what_the_models_do_not_know_is_found_in_the_topic_that_is_named(bridge: Run, hand: ByHand) -> None:
    now = time.time_ns() // 10**6
    hand.raw(REFUND)
    first = hand.raw(refund(colour="red", amount="much"), timestamp=now)
    second = hand.raw(refund(colour="blue"), timestamp=now + 1)
    hand.cleaned(second, "o1", "acme/refund_request.issued/1")
    row = {"event": "refund_request.issued", "count": 2, "share": 0.666667, "example": '"red"'}
    assert found(bridge) == (
        1,
        {
            "records": 3,
            "deviates": True,
            "events": {"refund_request.issued": 3},
            "deviations": [
                row | {"field": "payload.amount", "kind": "type", "count": 1, "share": 0.333333, "example": '"much"',
                       "first_seen": first.source},
                row | {"field": "payload.colour", "kind": "unknown_field", "first_seen": first.source},
            ],
        },
    )  # fmt: skip
    exit_code, orders = found(bridge, "--topic", "orders")
    assert (exit_code, orders["records"], orders["deviations"][0]["share"]) == (1, 1, 1)
    assert found(bridge, "--limit", "1")[1]["records"] == 1
    assert found(bridge, "--topic", "customers")[0] == 0


def test_the_table_has_a_line_for_each_deviation(bridge: Run, hand: ByHand) -> None:
    hand.raw(refund(colour="[bold]red"))
    result = bridge("schema", "drift")
    assert result.exit_code == 1
    header, line, verdict = result.stdout.splitlines()
    assert header.split() == ["event", "field", "kind", "count", "share", "example", "first", "seen"]
    assert line.split() == [
        *("refund_request.issued", "payload.colour", "unknown_field", "1", "100.0%", '"[bold]red"', "0:0")
    ]
    assert verdict == "Drift: 1 events read."


def test_without_topics_it_says_what_to_run(bridge: Run) -> None:
    result = bridge("schema", "drift")
    assert result.exit_code == 2
    assert "bridge topics apply" in result.stderr


def test_a_topic_without_events_is_refused(bridge: Run) -> None:
    result = bridge("schema", "drift", "--topic", "order-state")
    assert result.exit_code == 2
    assert "there are raw, conflicts, orders, " in result.stderr
