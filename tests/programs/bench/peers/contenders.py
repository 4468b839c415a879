"""Who does the worker's work: how each contender is prepared, and the commands that start it."""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from bridge.settings import Settings
from deploy.local.environment import BrokenEnvironment, java
from deploy.local.jars import jars
from deploy.local.ports import free_ports
from deploy.local.service import WORKPLACE

_HERE: Final = Path(__file__).parent
_STREAMS: Final = _HERE / "streams"

Commands = Callable[[Settings, bool], list[list[str]]]
"""Gives a command for each process, from the settings of a deployment and whether orders are folded. Each process has
its own directory. BrokenEnvironment: this machine lacks something for it."""


@dataclass(frozen=True, slots=True)
class Contender:
    """`processes`: each is a member of the group. `workloads`: names of those that it goes through. `share`: of the
    events that others go through, for slow ones. `is_timed`: it has turns at a steady rate, too."""

    name: str
    commands: Commands
    group: Callable[[Settings], str]
    processes: int = 1
    workloads: tuple[str, ...] = ("even",)
    share: float = 1.0
    is_timed: bool = False


def _ours(processes: int) -> Commands:
    def commands(_settings: Settings, _folds: bool) -> list[list[str]]:
        return [
            [
                "env",
                f"BRIDGE_WORKER_WEB_PORT={port}",
                f"BRIDGE_WORKER_INSTANCE_ID=bench-{number}",
                *(sys.executable, "-m", "commands", "worker"),
            ]
            for number, port in enumerate(free_ports(processes))
        ]

    return commands


def _streams(*options: str) -> Commands:
    def commands(settings: Settings, folds: bool) -> list[list[str]]:
        always = (
            f"bootstrap.servers={_servers(settings)}",
            f"application.id={settings.topic_prefix}.peer",
            "processing.guarantee=exactly_once_v2",
            "num.stream.threads=2",
            "replication.factor=1",
            "state.dir=state",
            f"producer.compression.type={settings.compression}",
            "consumer.auto.offset.reset=earliest",
        )
        files = [*jars(pom=_STREAMS / "pom.xml").glob("*.jar")]
        run = [java(), "-cp", ":".join(map(str, files)), "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        what = "fold" if folds else "dedupe"
        return [[*run, str(_STREAMS / "Peer.java"), settings.topic_prefix, what, *always, *options]]

    return commands


def _quix(settings: Settings, _folds: bool) -> list[list[str]]:
    python = _environment(_HERE / "quix_requirements.txt") / "bin" / "python"
    program = str(_HERE / "quix_dedupe.py")
    return [[str(python), program, _servers(settings), settings.topic_prefix, settings.compression]]


def _faust(settings: Settings, _folds: bool) -> list[list[str]]:
    given = (_servers(settings), settings.topic_prefix, settings.compression)
    return [
        ["env", f"PEER={' '.join(given)}", sys.executable, str(_HERE / "faust_dedupe.py"), "worker", "--without-web"]
    ]


def _servers(settings: Settings) -> str:
    return ",".join(settings.kafka_bootstrap_servers)


def _peer(settings: Settings) -> str:
    return f"{settings.topic_prefix}.peer"


def _bridge(settings: Settings) -> str:
    return settings.group_id


_TUNED: Final = ("commit.interval.ms=1000", "producer.batch.size=262144", "producer.linger.ms=100")
_STATIC: Final = ("group.instance.id=bench",)
_ALL: Final = ("even", "skewed", "orders")
_NEWEST: Final = ("group.protocol=streams", "enable.transactional.statestores=true")

CONTENDERS: Final = {
    each.name: each
    for each in (
        Contender("ours, 1 process", _ours(1), _bridge, workloads=_ALL, is_timed=True),
        Contender("ours, 2 processes", _ours(2), _bridge, processes=2, workloads=_ALL),
        Contender("Kafka Streams, defaults", _streams(), _peer, workloads=_ALL, is_timed=True),
        Contender("Kafka Streams, tuned", _streams(*_TUNED, *_STATIC), _peer, workloads=_ALL),
        Contender("Kafka Streams, newest protocols", _streams(*_NEWEST, *_TUNED), _peer),
        Contender("Quix Streams, exactly once", _quix, _peer, share=0.3),
        Contender("Faust", _faust, _peer, share=0.05),
    )
}


@cache
def _environment(requirements: Path) -> Path:
    """A virtual environment with these requirements, made once for each state of the file."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    place = WORKPLACE / "bench" / f"{requirements.stem}-{digest}"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
            made = Path(scratch) / "made"
            _uv("venv", "--python", sys.executable, str(made))
            _uv("pip", "install", "--python", str(made / "bin" / "python"), "-r", str(requirements))
            made.rename(place)  # so that a directory of that name is complete
    return place


def _uv(*arguments: str) -> None:
    run = subprocess.run(
        [Path(sys.executable).with_name("uv"), "--quiet", *arguments], capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        raise BrokenEnvironment(f"{arguments[-1]} could not be installed: {run.stderr.strip()[-300:]}")
