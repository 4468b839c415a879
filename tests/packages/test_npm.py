"""`newstore-events` for Node and TypeScript: what it reads fits its types."""

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs

from deploy.packages.building import READER, WORK
from tests.packages.conftest import Records

READS = """
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { isKnown, parseEvent, parseOrderLine, parseOrderState } from "newstore-events";
const lines = (file) => createInterface({ input: createReadStream(file) });
for await (const line of lines(process.argv[2])) {
  const event = parseEvent(Buffer.from(line, "base64"));
  console.log(JSON.stringify([isKnown(event) ? `events/${event.name}` : "envelope", event]));
}
for await (const line of lines(process.argv[3])) {
  console.log(JSON.stringify(["order-state", parseOrderState(Buffer.from(line, "base64"))]));
}
for await (const line of lines(process.argv[4])) {
  console.log(JSON.stringify(["order-lines", parseOrderLine(Buffer.from(line, "base64"))]));
}
"""
TYPED = """
import { isKnown, parseEvent, parseOrderState } from "newstore-events";
const event = parseEvent("");
if (isKnown(event) && event.name === "order.opened") {
  const total: number | null | undefined = event.payload.grand_total;
}
const net: string = parseOrderState("").payment_sums!["EUR"].net;
"""
UNTYPED = """
import { parseEvent } from "newstore-events";
const name: number = parseEvent("").name;
"""


def test_it_reads_every_event_and_every_state_and_they_are_as_their_types_say(project: Path, records: Records) -> None:
    (project / "reads.mjs").write_text(READS)
    done = subprocess.run(
        ["node", "reads.mjs", *records.files],
        cwd=project,
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    read = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(read) == sum(records.counts)
    validators: dict[str, Any] = {}
    for name, value in read:
        if name not in validators:
            schema = json.loads((READER / f"{name}.json").read_bytes())
            validators[name] = jsonschema_rs.validator_for(schema, validate_formats=True)
        assert not [error.message for error in validators[name].iter_errors(value)], value
    assert len(validators) == 42 + 3


def test_the_compiler_sees_its_types(project: Path) -> None:
    for name, text in {"typed": TYPED, "untyped": UNTYPED}.items():
        (project / f"{name}.ts").write_text(text)
    compiler = WORK / "npm" / "node_modules" / ".bin" / "tsc"
    options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022"]
    done = subprocess.run(
        [compiler, *options, "typed.ts", "untyped.ts"], cwd=project, capture_output=True, text=True, check=False
    )
    assert [line.partition("(")[0] for line in done.stdout.splitlines() if "error" in line] == ["untyped.ts"]
