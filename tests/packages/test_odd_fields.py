"""A field of a wrong type costs no reader the event, and all languages read the same of it."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.packages.conftest import java_environment
from tests.packages.odd_fields import NO_JSON, ODD_FIELDS, WRITTEN, OddField

TIMEOUT_SECONDS = 60
"""A number of 3,000,000 digits takes a second or two, but two minutes if the time grows with their square."""
IN_PYTHON = """
import base64, sys
from newstore_events import parse
for line in sys.stdin: print(parse(base64.b64decode(line)).model_dump_json())
"""
IN_NODE = """
import { createInterface } from "node:readline";
import { parseEvent } from "newstore-events";
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(parseEvent(Buffer.from(line, "base64"))));
}
"""


def test_python_reads_odd_fields_as_the_others_do(python: Path) -> None:
    assert_read("python", [python, "-W", "error", "-c", IN_PYTHON], (*ODD_FIELDS, *NO_JSON, *WRITTEN))


def test_node_reads_odd_fields_as_the_others_do(project: Path) -> None:
    assert_read("node", in_node(project), ODD_FIELDS)


def test_java_reads_odd_fields_as_the_others_do(classpath: str) -> None:
    program = Path(__file__).with_name("Shows.java")
    assert_read("java", ["java", "-cp", classpath, program], (*ODD_FIELDS, *NO_JSON, *WRITTEN))


def test_node_reads_an_identifier_that_is_a_number_as_it_was_written_or_not_at_all(project: Path) -> None:
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    tells_text = int(version.removeprefix("v").partition(".")[0]) >= 22
    fields = [field if tells_text else field._replace(read=None) for field in WRITTEN]
    assert_read("node", in_node(project), fields)


def in_node(project: Path) -> list[str | Path]:
    """The command that shows what the package for Node reads."""
    (project / "shows.mjs").write_text(IN_NODE)
    return ["node", project / "shows.mjs"]


def assert_read(language: str, command: Sequence[str | Path], fields: Sequence[OddField]) -> None:
    """Have a program read the fields' events, one in base64 a line, and check what it shows of them as JSON."""
    lines = b"".join(b64encode(field.event()) + b"\n" for field in fields)
    done = subprocess.run(
        command, input=lines, capture_output=True, check=False, env=java_environment(), timeout=TIMEOUT_SECONDS
    )
    assert done.stderr == b""
    shown = [json.loads(line, parse_float=Decimal)["payload"] for line in done.stdout.splitlines()]
    found = [found_at(field.path, payload, field.read) for field, payload in zip(fields, shown, strict=True)]
    expected = [field.read_in(language) for field in fields]
    members = [field.members[:80] for field in fields]
    wrong = [row for row in zip(members, found, expected, strict=True) if repr(row[1]) != repr(row[2])]
    assert not wrong


def found_at(path: str, payload: Any, like: object) -> object:
    """What stands at a path, None if nothing does; an amount however a language writes it, no map as empty."""
    found = payload
    for name in path.split("."):
        found = found[int(name)] if name.isdecimal() else found.get(name)
    if isinstance(like, Decimal) and found is not None:
        return Decimal(found).normalize()
    return {} if found is None and like == {} else found
