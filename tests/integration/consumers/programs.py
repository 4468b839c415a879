"""Runs the examples of both languages as a reader of their README does."""

import os
import re
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from confluent_kafka import Consumer

from deploy.local.environment import BrokenEnvironment, java
from deploy.local.jars import jars
from deploy.local.kept import KeptProcess
from tests.integration.consumers.stores import FileStores, SqliteStores, Stores
from tests.integration.waiting import wait_until

_EXAMPLES = Path(__file__).parents[3] / "examples" / "consumers"
_JARS = ("kafka-clients", "lz4-java", "slf4j", "snappy-java", "zstd-jni")  # what examples/consumers/java/pom.xml brings
QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
_MEMBER = "one"
_CAUGHT_UP = re.compile(r"^caught up: (\d+) orders, (\d+) records read$", re.MULTILINE)
_EVENT = re.compile(r"^(new|again) ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Examples:
    """The examples of one language. ``run`` comes before a source file."""

    run: tuple[str, ...]
    folder: Path
    order_view: str
    order_events: str
    stores: Stores

    def changed(self, old: str, new: str, directory: Path) -> "Examples":
        """Copies with another text, to show what the text is there for."""
        for name in (self.order_view, self.order_events):
            source = (self.folder / name).read_text()
            assert source.count(old) == 1
            (directory / name).write_text(source.replace(old, new))
        return replace(self, folder=directory)


def python_examples() -> Examples:
    """With this interpreter."""
    run = (sys.executable, "-u")
    return Examples(run, _EXAMPLES / "python", "order_view.py", "order_events.py", SqliteStores())


def java_examples() -> Examples:
    """From their sources, with only the jars they name. The test is skipped if Java or Maven is missing."""
    try:
        found = [str(jar) for jar in jars().glob("*.jar") if jar.name.startswith(_JARS)]
        run = (java(), *QUICK_START, "-cp", os.pathsep.join(found))
    except BrokenEnvironment as reason:
        pytest.skip(str(reason))
    return Examples(run, _EXAMPLES / "java", "OrderView.java", "OrderEvents.java", FileStores())


class Program:
    """A running example, until ``kill`` or ``stop``."""

    def __init__(self, command: list[str], environment: Mapping[str, str], directory: Path, output: Path) -> None:
        self._output = output
        variables = [f"{name}={value}" for name, value in environment.items()]
        redirected = ["sh", "-c", 'output=$0; exec env "$@" >"$output" 2>&1', str(output)]
        self._process = KeptProcess(directory, [*redirected, *variables, *command])
        self._is_stopped = False

    def caught_up(self) -> tuple[int, int]:
        """Orders in the view and records read, once the order view says so."""
        said = wait_until("it has caught up", lambda: self._said(_CAUGHT_UP), self.last_words)
        assert len(said) == 1
        return int(said[0][0]), int(said[0][1])

    def events(self) -> list[str]:
        """For each event that order events got so far, ``new`` or ``again``."""
        return _EVENT.findall(self._text())

    def kill(self) -> None:
        """SIGKILL; return once it is gone."""
        self._process.kill()

    def stop(self) -> None:
        """SIGTERM, unless it has ended; return once it is gone. A second call does nothing."""
        if not self._is_stopped:
            self._is_stopped = True
            self._process.release(keep=True)

    def last_words(self) -> str:
        """The end of what it printed."""
        return self._text()[-2000:]

    def _said(self, pattern: re.Pattern[str]) -> list[tuple[str, ...]]:
        assert self._process.is_running(), f"it has ended: {self.last_words()}"
        return pattern.findall(self._text())

    def _text(self) -> str:
        return self._output.read_text() if self._output.exists() else ""


class Runner:
    """Starts examples on the topics under a prefix. ``close`` ends them."""

    def __init__(self, bootstrap_servers: str, prefix: str, directory: Path) -> None:
        self._bootstrap_servers, self._directory = bootstrap_servers, directory
        self._environment = {"BRIDGE_KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers, "BRIDGE_TOPIC_PREFIX": prefix}
        self._programs: list[Program] = []

    def order_view(self, examples: Examples, store: Path) -> Program:
        """Start it on a store, which may not exist yet."""
        return self._start(examples, examples.order_view, store, {})

    def order_events(self, examples: Examples, store: Path, group: str) -> Program:
        """Start it as the group's one member, whoever was that before."""
        return self._start(examples, examples.order_events, store, {"GROUP_ID": group, "GROUP_INSTANCE_ID": _MEMBER})

    def take_over(self, group: str, topic: str) -> None:
        """Return once no commit of its one member, which was killed, may still count."""
        member = {"group.id": group, "group.instance.id": _MEMBER, "enable.auto.commit": False, "log_level": 0}
        with closing(Consumer({"bootstrap.servers": self._bootstrap_servers, **member})) as successor:
            successor.subscribe([topic])

            def is_member() -> bool:
                successor.poll(0.1)  # by which it joins
                return bool(successor.assignment())

            wait_until("it is the member", is_member)

    def close(self) -> None:
        """Leave no process behind."""
        for program in self._programs:
            program.stop()

    def _start(self, examples: Examples, source: str, store: Path, environment: dict[str, str]) -> Program:
        command = [*examples.run, str(examples.folder / source), str(store)]
        output = self._directory / f"output-{len(self._programs)}.log"
        program = Program(command, self._environment | environment, self._directory, output)
        self._programs.append(program)
        return program
