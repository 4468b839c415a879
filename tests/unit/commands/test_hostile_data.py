"""Names, ids and answers that want to command the terminal, through the commands that need no Kafka."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from bridge.printable import inert
from commands.schema.publish.files import COMMITTED
from schemas import date_time, money
from tests.terminal import HOSTILE, HOSTILE_BYTES, assert_inert, at_a_terminal
from tests.unit.commands.conftest import Run
from tests.unit.commands.order.orders import document
from tests.unit.commands.served import served

pytestmark = pytest.mark.thorough

PLAIN = HOSTILE.replace("\ud800", "")


BY_ID = {
    "items",
    "fulfillment_requests",
    "payments",
    "payment_sums",
    "by_method",
    "item_counts",
    "returns",
    "refund_requests",
}
BOUND = re.compile(f"{money.PATTERN}|{date_time.PATTERN}")
"""Texts whose form the document's schema fixes."""


def hostile(value: Any, name: str = "") -> Any:
    """The document with hostile text in place of each free text and each id."""
    if isinstance(value, dict):
        return {
            f"{n}{PLAIN}" if name in BY_ID else key: hostile(each, key) for n, (key, each) in enumerate(value.items())
        }
    if isinstance(value, list):
        return [hostile(each) for each in value]
    return HOSTILE if isinstance(value, str) and not BOUND.match(value) else value


FACT = {"event": "x", "key": "x", "published_at": None, "received_at": "2026-01-01T00:00:00Z", "source": "x"}
ORDER = hostile(
    document("exchanged_order")
    | {name: ["x"] for name in ("missing", "stalled", "suspected", "truncated")}
    | {"contradictions": [{"kind": "x", "subject": "x", "facts": [FACT | {"payload_hash": "x"}]}]}
    | {"attention": [{"kind": "x", "subject": "x"}], "unprocessed": [FACT | {"reason": "x"}]}
    | {"refund_requests": document("refund_request")["refund_requests"]}
    | {"unmatched_refunds": [{"payment": "x", "amount": "5", "currency": "x", "correlation_id": "x"}]}
)


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """The URL of a server that always answers the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status, "[/bold]\x1b[2J")
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **headers,
            }.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

    with served(Handler) as url:
        yield url


def test_an_orders_state(bridge: Run) -> None:
    """`[/bold]` in an event's name ended the command with a traceback."""
    with answering(200, json.dumps(ORDER).encode()) as url:
        result = bridge("order", PLAIN, worker_url=url)
        exit_code, sent = at_a_terminal("order", PLAIN.replace("\x00", ""), tenant="acme", worker_url=url)
        told = bridge("order", "x", "-o", "json", worker_url=url)
    assert (result.exit_code, exit_code) == (0, 0)
    beginning, _, _ = inert(HOSTILE).partition("[")
    assert result.stdout.count(beginning) > 40  # where several are in one row, each goes on below
    assert_inert(result.output)
    assert_inert(sent)
    assert json.loads(told.stdout) == ORDER
    assert_inert(told.stdout)


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (404, b"", {}),
        (503, b"", {"Retry_After": "[/bold]\x1b[2J"}),
        (500, HOSTILE_BYTES, {}),
        (200, b"{", {}),
        (200, HOSTILE_BYTES, {}),
        (200, b"[]", {}),
        (200, b"{}", {"Content_Type": "text/[/bold]"}),
    ],
)
def test_what_a_server_answers_instead(bridge: Run, status: int, body: bytes, headers: dict[str, str]) -> None:
    with answering(status, body, **headers) as url:
        result = bridge("order", PLAIN, worker_url=url)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert_inert(result.output)


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        (["order", "x"], {"worker_url": PLAIN}),
        (["order", "x"], {"partitions": PLAIN}),
        (["order", "x"], {"idempotency_keys": PLAIN}),
        (["ingress"], {"ingress_api_keys_file": PLAIN}),
        (["ingress"], {"[/bold]\x1b": PLAIN}),
        (["backfill", PLAIN], {}),
        (["schema", "check", "--against", PLAIN], {}),
        (["simulate", "--orders", "1", "--url", PLAIN], {}),
        ([PLAIN], {}),
        (["topics", PLAIN], {}),
        (["order", f"--{PLAIN}"], {}),
        (["order", "-o", PLAIN, "x"], {}),
        (["order", "x", PLAIN], {}),
        (["quarantine", "show", PLAIN], {}),
        (["verify", "--wait", PLAIN], {}),
    ],
)
def test_arguments_settings_and_file_names(bridge: Run, arguments: list[str], settings: dict[str, str]) -> None:
    result = bridge(*arguments, tenant=PLAIN, **settings)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert result.output
    assert_inert(result.output)


def test_a_file_name_that_is_no_utf8_is_text_in_json(bridge: Run, tmp_path: Path) -> None:
    file = tmp_path / f"{PLAIN.replace('/', '')}\udcff.export"
    file.write_bytes(HOSTILE_BYTES + b"\n")
    result = bridge("backfill", "--dry-run", "-o", "json", str(file))
    assert json.loads(result.stdout)["bad_lines"][0]["file"] == str(file)
    exit_code, sent = at_a_terminal("backfill", "--dry-run", str(file), columns=300, tenant="acme")
    assert exit_code == 0
    assert inert(file.name) in sent
    assert_inert(sent)


def test_differences_of_schemas(bridge: Run, tmp_path: Path) -> None:
    shutil.copytree(COMMITTED, tmp_path, dirs_exist_ok=True)
    file = next(tmp_path.rglob("order.created*.json"))
    document = json.loads(file.read_text())
    document["properties"]["payload"] = {"type": "object", "properties": {PLAIN: {"enum": [PLAIN]}}}
    file.write_text(json.dumps(document))
    result = bridge("schema", "check", "--against", str(tmp_path))
    _, sent = at_a_terminal("schema", "check", "--against", str(tmp_path))
    for output in (result.output, sent):
        assert_inert(output)
        assert "Traceback" not in output
    found = json.loads(bridge("schema", "check", "--against", str(tmp_path), "-o", "json").stdout)
    assert any("\x1b]0;owned" in each["what"] + each["pointer"] for each in found["differences"])
