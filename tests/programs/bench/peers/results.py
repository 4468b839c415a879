"""What turns found, in a committed file: the machine once, then a line for each turn."""

import os
import platform
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple, Self

import orjson

from deploy.local.jars import POM
from processors.engine.records import IS_COMPILED

_HERE: Final = Path(__file__).parent
_ROOT: Final = _HERE.parents[3]

COMMITTED: Final = _HERE / "results.json"

_PRODUCT: Final = ("schemas", "bridge", "ingress", "processors", "requirements/runtime.txt")
_GB: Final = 2**30


@dataclass(frozen=True, slots=True)
class Turn:
    """`what` was measured, in which `case`, with which contender, at which `revision` of the bridge. `figures`: by
    name."""

    what: str
    case: str
    contender: str
    revision: str
    figures: Mapping[str, float]


class Spread(NamedTuple):
    """Least, median and most of a figure."""

    low: float
    middle: float
    high: float


@dataclass(slots=True)
class Results:
    """`machine`: facts about it, for people to read."""

    machine: Mapping[str, str]
    turns: list[Turn] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The results of a file; none if there is no such file."""
        if not path.exists():
            return cls({})
        read = orjson.loads(path.read_bytes())
        return cls(read["machine"], [Turn(**each) for each in read["turns"]])

    def save(self, path: Path) -> None:
        """Write a line for each turn, so that a diff shows what changed."""
        machine = orjson.dumps(self.machine, option=orjson.OPT_INDENT_2).decode()
        lines = ",\n".join(orjson.dumps(each).decode() for each in self.turns)
        path.write_text(f'{{"machine": {machine},\n"turns": [\n{lines}\n]}}\n')

    def add(self, turn: Turn) -> None:
        """Add a turn; the first one notes what machine it is."""
        self.machine = self.machine if self.turns else machine_facts()
        self.turns.append(turn)

    def of(self, what: str) -> dict[str, dict[str, "Rounds"]]:
        """Rounds by case and contender, in the order of the file."""
        found: dict[str, dict[str, Rounds]] = defaultdict(dict)
        for turn in self.turns:
            if turn.what == what:
                found[turn.case].setdefault(turn.contender, Rounds([])).turns.append(turn)
        return dict(found)

    def revisions(self) -> list[str]:
        """The bridge's revisions, each once."""
        return list(dict.fromkeys(turn.revision for turn in self.turns))


@dataclass(frozen=True, slots=True)
class Rounds:
    """All turns of one contender in one case."""

    turns: list[Turn]

    def __len__(self) -> int:
        return len(self.turns)

    def spread(self, figure: str) -> Spread:
        """A figure's spread over the rounds."""
        return spread(turn.figures[figure] for turn in self.turns)

    def total(self, figure: str) -> float:
        """A figure's sum over all rounds."""
        return sum(turn.figures[figure] for turn in self.turns)


def spread(values: Iterable[float]) -> Spread:
    """The least, the median and the most."""
    all_ = list(values)
    return Spread(min(all_), median(all_), max(all_))


def revision() -> str:
    """The revision of the bridge: the last commit of what its services run, with a plus sign if that was changed
    since."""
    commit = _said("git", "log", "-1", "--format=%h", "--", *_PRODUCT)
    return f"{commit}+" if _said("git", "status", "--porcelain", "--", *_PRODUCT) else commit


def machine_facts() -> dict[str, str]:
    """What this machine is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GB
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    java = _said("java", "-version", error_stream=True).splitlines()
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Java": java[-1] if java else "none",
        "record codec": "compiled" if IS_COMPILED else "aiokafka's",
        "Kafka": _pinned(POM, r"<version>([\d.]+)</version>\s*</dependency>"),
        "Kafka Streams": _pinned(_HERE / "streams" / "pom.xml", r"<version>([\d.]+)</version>\s*</dependency>"),
        "Quix Streams": _pinned(_HERE / "quix_requirements.txt", r"quixstreams==(\S+)"),
        "Faust": metadata.version("faust-streaming"),
    }


def _pinned(file: Path, version: str) -> str:
    """The first version that is pinned in a file."""
    found = re.search(version, file.read_text())
    assert found is not None, file
    return found[1]


def _said(*command: str, error_stream: bool = False) -> str:
    run = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    return (run.stderr if error_stream else run.stdout).strip()
