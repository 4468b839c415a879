"""Readers as programs, most of them in other languages. Each gives what it has found by topic; its test is skipped if
it cannot run. `wanted`: how many records of each topic to wait for, unless the reader looks for the topic's end."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from deploy.local.environment import BrokenEnvironment, java
from deploy.local.jars import jars
from tests import npm
from tests.integration.waiting import PATIENCE

_HERE = Path(__file__).parent
_JAVA, _NODE, _GO = _HERE / "java_reader", _HERE / "node_reader", _HERE / "go_reader"
_CLIENT = ("kafka-clients", "lz4-java", "slf4j", "snappy-java", "zstd-jni", "jackson-")  # that of the local broker
_QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

Found = dict[str, dict[str, Any]]
Reader = Callable[[str, str, Mapping[str, int]], Found]
"""Of the servers, the name of a group, and `wanted`."""


def kafkajs(servers: str, group: str, wanted: Mapping[str, int]) -> Found:
    """kafkajs without plug-ins, and the SDK for JavaScript."""
    return _node("read.js", servers, group, wanted)


def platformatic(servers: str, group: str, wanted: Mapping[str, int]) -> Found:
    """@platformatic/kafka."""
    return _node("platformatic.js", servers, group, wanted)


def _node(program: str, servers: str, group: str, wanted: Mapping[str, int]) -> Found:
    if not npm.can_run():
        pytest.skip("node and npm are not installed, so no client for Node can read")
    folder = npm.installed(_NODE)
    shutil.copy(_NODE / program, folder)
    return _run(["node", program, servers, group, json.dumps(wanted)], folder)


def franz_go(servers: str, group: str, wanted: Mapping[str, int]) -> Found:
    """franz-go."""
    return _go("franz-go", servers, group, wanted)


def sarama(servers: str, group: str, wanted: Mapping[str, int]) -> Found:
    """Sarama."""
    return _go("sarama", servers, group, wanted)


def _go(client: str, servers: str, group: str, wanted: Mapping[str, int]) -> Found:
    if shutil.which("go") is None:
        pytest.skip("go is not installed, so no client for Go can read")
    return _run(["go", "run", ".", client, servers, group, json.dumps(wanted)], _GO)


def java_client(servers: str, topics: Sequence[str]) -> Found:
    """The Java client, and the SDK for Java."""
    try:
        client = [jar for jar in jars().glob("*.jar") if jar.name.startswith(_CLIENT)]
        sdk = jars(pom=_JAVA / "pom.xml").glob("cloudevents-*.jar")
        command = [java(), *_QUICK_START, "-cp", os.pathsep.join(map(str, [*client, *sdk]))]
    except BrokenEnvironment as reason:
        pytest.skip(str(reason))
    return _run([*command, "Read.java", servers, *topics], _JAVA)


def bare_aiokafka(servers: str, group: str, wanted: Mapping[str, int]) -> Found:
    """aiokafka without extras, to the end of each topic."""
    return _run([sys.executable, "bare_aiokafka.py", servers, *wanted], _HERE)


def bare_kafka_python(servers: str, group: str, wanted: Mapping[str, int]) -> Found:
    """kafka-python without extras, to the end of each topic."""
    return _run([sys.executable, "bare_kafka_python.py", servers, *wanted], _HERE)


def _run(command: Sequence[str], folder: Path) -> Found:
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert run.returncode == 0, run.stderr
    found: Found = json.loads(run.stdout)
    return found
