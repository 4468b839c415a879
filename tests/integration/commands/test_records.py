"""`bridge record show` and `bridge tail` over topics that were filled by hand."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bridge.settings import Settings
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import ByHand, order_event
from tests.unit.commands.messages import messages_of

PERSON = "ada@example.com"


def shown(bridge: Run, *arguments: str) -> dict[str, Any]:
    result = bridge("record", "show", *arguments, "-o", "json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def tailed(bridge: Run, *arguments: str) -> list[dict[str, Any]]:
    result = bridge("tail", *arguments, "--since", "100000d", "--no-follow", "-o", "jsonl")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_record_is_found_by_any_position_that_a_tool_prints(bridge: Run, settings: Settings, hand: ByHand) -> None:
    raw = hand.raw(order_event("order.created", "SO-1", customer_email=PERSON))
    hand.cleaned(raw, "SO-1", "acme/order.created/SO-1")
    topic = settings.topics.orders
    for position in ("orders:0:0", f"{topic}:0:0", f"{topic}-0@0", f"{topic}/0/0"):
        assert shown(bridge, position)["headers"]["bridge_source"] == "0:0"
    assert shown(bridge, "0:0", "--topic", "orders") == shown(bridge, "orders:0:0")
    told = shown(bridge, "0:0")
    assert (told["topic"], told["event"], told["masked"]) == (settings.topics.raw, "order.created", True)
    assert PERSON not in bridge("record", "show", "0:0").stdout
    assert shown(bridge, "0:0", "--unmasked")["text"] == raw.body.decode()


def test_where_there_is_no_record_it_says_why(bridge: Run, settings: Settings, hand: ByHand) -> None:
    for number in range(3):
        hand.raw(order_event("order.created", f"SO-{number}"))
    hand.aborted_transaction(settings.topics.raw)
    hand.delete_before(settings.topics.raw, 2)
    for position, why in (
        ("0:1", "retention has deleted it: partition 0 of"),
        ("0:3", "an aborted record"),
        ("0:900", "ends at"),
        ("1:0", "has no records"),
        ("7:0", "has 2 partitions, the last one is 1"),
    ):
        result = bridge("record", "show", position)
        assert (result.exit_code, result.stdout) == (2, "")
        assert why in result.stderr
    assert "hint: did you mean" in bridge("record", "show", "quarantin:0:0").stderr


def test_a_topic_is_read_by_event_and_by_order(bridge: Run, hand: ByHand) -> None:
    first = hand.raw(order_event("order.created", "SO-1", customer_email=PERSON))
    hand.raw(order_event("order.opened", "SO-1"))
    hand.cleaned(first, "SO-1", "acme/order.created/SO-1")
    hand.refused_by_ingress(order_event("order.created", "SO-2"))
    every = tailed(bridge, "raw")
    assert [record["event"] for record in every] == ["order.created", "order.opened"]
    assert PERSON not in json.dumps(every)
    assert PERSON in json.dumps(tailed(bridge, "raw", "--unmasked"))
    assert len(tailed(bridge, "quarantine", "--order", "SO-2")) == 1
    assert tailed(bridge, "quarantine", "--order", "SO-1") == []
    assert [record["headers"]["bridge_source"] for record in tailed(bridge, "orders")] == ["0:0"]
    assert len(tailed(bridge, "raw", "--limit", "1")) == 1


def test_what_is_committed_later_is_followed_until_ctrl_c(settings: Settings, hand: ByHand) -> None:
    """Aborted records are not shown."""
    hand.raw(order_event("order.created", "before"))
    with following("raw") as process:
        assert process.stderr is not None
        assert settings.topics.raw in first_of(process.stderr)
        hand.aborted_transaction(settings.topics.raw)
        hand.raw(order_event("order.opened", "after"))
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["body"]["payload"] == {"id": "after"}
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert (process.stdout.read(), messages_of(process.stderr.read())) == ("", [])


def test_whoever_reads_it_may_have_enough(settings: Settings, hand: ByHand) -> None:
    """As `head` does. The next record finds that nobody reads any more."""
    hand.raw(order_event("order.created", "SO-1"))
    with following("raw", "--since", "100000d") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        hand.raw(order_event("order.opened", "SO-1"))
        assert process.wait(60) == 0
        assert len(messages_of(process.stderr.read())) == 1


def first_of(stderr: Iterable[str]) -> str:
    """What it says first."""
    return next(line for line in stderr if messages_of(line))


@contextmanager
def following(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "commands", "tail", *arguments, "-o", "jsonl"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
