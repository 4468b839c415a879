"""Readers in other languages, as programs. Each gives what it has found by topic; a test is skipped without them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from deploy.local.environment import BrokenEnvironment, java
from deploy.local.jars import jars
from tests import npm
from tests.integration.waiting import PATIENCE

_HERE = Path(__file__).parent
_JAVA, _NODE = _HERE / "java_reader", _HERE / "node_reader"
_CLIENT = ("kafka-clients", "lz4-java", "slf4j", "snappy-java", "zstd-jni", "jackson-")  # that of the local broker
_QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

Found = dict[str, dict[str, Any]]


def kafkajs(servers: str, group: str, wanted: Mapping[str, int]) -> Found:
    """kafkajs without plug-ins, and the SDK for JavaScript. `wanted` tells when to stop: so many records by topic."""
    if not npm.can_run():
        pytest.skip("node and npm are not installed, so kafkajs cannot read")
    folder = npm.installed(_NODE)
    shutil.copy(_NODE / "read.js", folder)
    return _run(["node", "read.js", servers, group, json.dumps(wanted)], folder)


def java_client(servers: str, topics: Sequence[str]) -> Found:
    """The Java client, and the SDK for Java."""
    try:
        client = [jar for jar in jars().glob("*.jar") if jar.name.startswith(_CLIENT)]
        sdk = jars(pom=_JAVA / "pom.xml").glob("cloudevents-*.jar")
        command = [java(), *_QUICK_START, "-cp", os.pathsep.join(map(str, [*client, *sdk]))]
    except BrokenEnvironment as reason:
        pytest.skip(str(reason))
    return _run([*command, "Read.java", servers, *topics], _JAVA)


def bare_aiokafka(servers: str, topics: Sequence[str]) -> Found:
    """aiokafka without extras."""
    return _run([sys.executable, "bare_aiokafka.py", servers, *topics], _HERE)


def _run(command: Sequence[str], folder: Path) -> Found:
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert run.returncode == 0, run.stderr
    found: Found = json.loads(run.stdout)
    return found
