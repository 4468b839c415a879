"""`newstore-events` for Java: typed fields, and it reads everything."""

import json
import re
import subprocess
from base64 import b64decode
from pathlib import Path

from deploy.packages.building import WORK
from tests.packages.conftest import Records, java_environment

FIELD = re.compile(r"^    private (?!Map<String, \w+> additionalProperties)(.+?) \w+(?: = .*)?;$", re.MULTILINE)


def test_it_reads_every_event_and_every_state(classpath: str, records: Records) -> None:
    program = Path(__file__).with_name("Reads.java")
    command = ["java", "-cp", classpath, *map(str, (program, *records.files))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=java_environment())
    assert done.stderr == ""
    *counts, known, untold = map(int, done.stdout.split())
    assert tuple(counts) == records.counts
    assert known > 2_000
    states = [json.loads(b64decode(line)) for line in records.files[1].read_bytes().split()]
    assert untold == sum(state["order"].get("exchanges", []) is None for state in states) > 0


def test_hardly_a_field_is_an_object(jar: Path) -> None:
    sources = (WORK / "maven" / "target" / "generated-sources").rglob("*.java")
    types = [kind for source in sources for kind in FIELD.findall(source.read_text())]
    assert len(types) > 500
    assert sum("Object" in re.findall(r"\w+", kind) for kind in types) <= 0.02 * len(types)
