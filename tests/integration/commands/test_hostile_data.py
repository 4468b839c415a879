"""Events, ids, headers and bodies try to command the terminal, through every command that reads topics."""

import json
import time

import pytest
from confluent_kafka import Producer

from bridge.settings import Settings
from commands.evidence.kept import Kept
from commands.topics.migration import quiet
from schemas.key_rule import CONTENT_KEY
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import ByHand
from tests.integration.exactly_once.forking import ForkServer
from tests.integration.waiting import PATIENCE
from tests.terminal import HOSTILE, HOSTILE_BYTES, assert_inert, at_a_terminal
from tests.unit.commands.evidence.records import accepted, body, conflict, quarantined

EXTRA = [
    ("bridge_error_reason", HOSTILE_BYTES),
    ("bridge_error_exception", HOSTILE_BYTES),
    ("[/bold]\x1b[2J", b"\xff\x1b"),
]
PLAIN = HOSTILE.replace("\ud800", "")
HOSTILE_EVENT = json.dumps(
    {"tenant": "acme", "name": HOSTILE[:-20], "published_at": HOSTILE, "payload": {"id": HOSTILE, HOSTILE: HOSTILE}}
).encode()

SHOWN = [
    ["quarantine", "list"],
    ["quarantine", "show", "0:0"],
    ["quarantine", "show", "0:1"],
    ["conflicts", "list"],
    ["conflicts", "show", "0:0"],
    ["conflicts", "show", "0:1"],
    ["explain", "conflicts:0:0"],
    ["record", "show", "quarantine:0:0", "--unmasked"],
    ["tail", "quarantine", "--since", "1h", "--limit", "1", "--unmasked"],
    ["schema", "drift"],
    ["verify", "--wait", "0s"],
    ["topics", "plan"],
    ["topics", "check"],
]
PIPED = [
    ["quarantine", "list", "-o", "wide"],
    ["quarantine", "list", "-o", "jsonl"],
    ["conflicts", "list", "-o", "name"],
    ["explain", "0:0"],
    ["explain", "0:2"],
    ["explain", "quarantine:0:0"],
    ["record", "show", "0:2", "--unmasked"],
    ["record", "show", "conflicts:0:1"],
    ["tail", "raw", "--since", "100000d", "--no-follow", "--unmasked", "-o", "wide"],
    ["tail", "raw", "--since", "100000d", "--no-follow"],
    ["tail", "conflicts", "--since", "1h", "--no-follow", "-o", "jsonl"],
]
"""More commands, without a terminal."""
DONE = [["quarantine", "replay", "--all", "--yes"], ["conflicts", "accept", "--all", "--yes"]]


@pytest.fixture
def hostile(bridge: Run, settings: Settings) -> Settings:
    """A deployment whose topics are full of hostile data."""
    assert bridge("topics", "apply", "--yes").exit_code == 0
    hand, topics = ByHand(settings), settings.topics
    for value in (HOSTILE_EVENT, body(note=HOSTILE.replace("\ud800", "")), HOSTILE_BYTES):
        hand.raw(value)
    hand.processed(raw_offset=3, orders_offset=0)
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap_servers[0]})
    kept: list[tuple[str, Kept]] = [
        (topics.quarantine, quarantined(HOSTILE_BYTES, extra=EXTRA)),
        (topics.quarantine, quarantined(HOSTILE_EVENT, tenant="by-mistake", extra=EXTRA[1:])),
        (topics.conflicts, conflict(body(note="b"), extra=[("ce_id", HOSTILE_BYTES), ("bridge_first_source", b"0:1")])),
        (topics.conflicts, conflict(body(note="c"), extra=[("bridge_first_source", HOSTILE_BYTES)])),
    ]
    for topic, record in kept:
        headers = list(record.headers.items())
        producer.produce(topic, record.body, HOSTILE_BYTES, 0, headers=headers, timestamp=int(time.time() * 1000))
    producer.flush(PATIENCE)
    return settings


def test_nothing_of_it_reaches_a_terminal_or_ends_a_command(
    bridge: Run, hostile: Settings, fork_server: ForkServer
) -> None:
    for command in SHOWN:
        result = bridge(*command, "-o", "json")
        assert_inert(result.output)
        assert json.loads(result.stdout), (command, result.output)
    for command in PIPED:
        piped = bridge(*command)
        assert piped.exit_code in {0, 1}, (command, piped.output)
        assert_inert(piped.output)
    for command in [*SHOWN, *DONE]:
        piped = bridge(*command)
        exit_code, sent = at_a_terminal(*command, start=fork_server.start)
        assert {piped.exit_code, exit_code} <= {0, 1}, (command, piped.output, sent)
        for output in (piped.output, sent):
            assert_inert(output)
            assert "Traceback" not in output


def hostile_rules(**fields: object) -> bytes:
    """As the bridge records rules, with names and fingerprints that nobody would choose."""
    keys = {
        PLAIN: {"key": ["\x1b\x9b5A\u202e.id"], "content": False, "documented": True},
        "x" * 64_000: CONTENT_KEY.entry,
    }
    rules = {"partitions": 2, "rules_version": f"1-{PLAIN}"}
    recorded: dict[str, object] = {
        "rules": rules,
        "epochs": [],
        "migrating": None,
        "keys": keys,
        "former_version": PLAIN,
    }
    return json.dumps({**recorded, "adopted": [PLAIN], "adopting": [], **fields}).encode()


RULES = [
    hostile_rules(),
    hostile_rules(adopting=[PLAIN, "y" * 64_000], migrating={"partitions": 2, "rules_version": PLAIN}),
    hostile_rules(rules={"partitions": 7, "rules_version": f"{PLAIN}-1"}),
    HOSTILE_BYTES,
    hostile_rules(migrating={"partitions": 3, "rules_version": f"1-{PLAIN}"}),
]


def test_rules_that_somebody_else_has_recorded(
    bridge: Run, hostile: Settings, fork_server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last of these rules are migrated from, over raw records whose keys and headers are no better."""
    monkeypatch.setattr(quiet, "LEASE_S", 0.1)  # there is no ingress to wait for
    producer, topics = Producer({"bootstrap.servers": hostile.kafka_bootstrap_servers[0]}), hostile.topics
    extra = [*EXTRA, ("bridge_rules", HOSTILE_BYTES), ("ce_type", HOSTILE_BYTES), ("x" * 64_000, b"\xff" * 64_000)]
    producer.produce(topics.raw, HOSTILE_EVENT, HOSTILE_BYTES * 1000, 0, headers=extra)
    for value in RULES:
        producer.produce(topics.rules, value, b"rules", 0)
        producer.flush(PATIENCE)
        for command in ("plan", "check", "apply --yes"):
            told = bridge("topics", *command.split())
            assert told.exit_code in {0, 1, 2}, (command, told.output)
            assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
            assert_inert(told.output)
    exit_code, sent = at_a_terminal("topics", "plan", start=fork_server.start)
    migrated = bridge("topics", "migrate", "--yes", ingress_ack_timeout="500ms")
    assert (exit_code, migrated.exit_code) == (2, 0), (sent, migrated.output)
    for output in (sent, migrated.output):
        assert_inert(output)
        assert "Traceback" not in output
    assert bridge("topics", "check").exit_code == 0


def test_the_records_are_hostile() -> None:
    """Otherwise the tests above would show nothing."""
    assert "\x1b" in str(getattr(accepted(HOSTILE_EVENT), "event", accepted(HOSTILE_EVENT)))
