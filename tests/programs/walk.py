"""How far one delivery walks through the code: moves between files, and back to files that were left, as a reader
follows the calls.

`python -m tests.programs.walk` prints both for each leg, and with `--files` the way itself.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any, NamedTuple

import orjson
from aiokafka.structs import ConsumerRecord
from multidict import CIMultiDict

from bridge.intake import Intake
from bridge.settings import Settings
from processors.orders.agent import Orders
from processors.worker.app import order_rules, raw_handler

ROOT = Path(__file__).parents[2]
_SAMPLE = ROOT / "tests" / "data" / "samples" / "order.opened.json"


class Way(NamedTuple):
    """The files of the calls in their order; each once until it is left."""

    files: Sequence[str]

    @property
    def moves(self) -> int:
        """Moves from one file to another."""
        return len(self.files) - 1

    @property
    def returns(self) -> int:
        """Moves to a file that was left before."""
        return len(self.files) - len(set(self.files))


def follow(work: Callable[[], Any]) -> tuple[Any, Way]:
    """Run `work`; return its result, and its way through our files."""
    files = list[str]()

    def called(frame: FrameType, event: str, _argument: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event != "call" or not path.is_relative_to(ROOT) or "site-packages" in path.parts or path == Path(__file__):
            return
        name = str(path.relative_to(ROOT))
        if not files or files[-1] != name:
            files.append(name)

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        result = work()
    finally:
        sys.setprofile(before)
    return result, Way(files)


@dataclass
class _Unit:
    """Takes the place of the engine's unit, with an empty table."""

    records: Sequence[ConsumerRecord]
    rows: dict[bytes, bytes | None] = field(default_factory=dict)
    emitted: list[Any] = field(default_factory=list)
    partition: int = 0
    opening: int = 0
    room: int = 1 << 20
    max_value_bytes: int = 1 << 20

    @property
    def timestamp(self) -> int:
        return int(self.records[-1].timestamp)

    @property
    def chunk(self) -> Any:
        return SimpleNamespace(tp=SimpleNamespace(topic="orders"))

    def holds(self, _value: bytes | None) -> bool:
        return True

    def get_many(self, _table: str, keys: Sequence[bytes]) -> list[bytes | None]:
        return [self.rows.get(key) for key in keys]

    def scan(self, *_range: Any) -> list[tuple[bytes, bytes]]:
        return []

    def put(self, _table: str, key: bytes, value: bytes | None, _timestamp: int) -> None:
        self.rows[key] = value

    def emit(self, *record: Any) -> None:
        self.emitted.append(record)

    def on_commit(self, _action: Callable[[], None]) -> None:
        pass


def walk() -> dict[str, Way]:
    """The three legs of one ordinary delivery; what is made only once was made before."""
    settings = Settings(tenant="acme")
    body = orjson.dumps({**orjson.loads(_SAMPLE.read_bytes()), "tenant": "acme"})
    intake, dedupe = Intake(settings), raw_handler(settings, settings.key_table, lambda *_: None)
    orders = Orders(settings.topics, order_rules(settings))
    ways: dict[str, Way] = {}
    for _ in range(2):
        made, ways["body to raw"] = follow(lambda: intake.record(body, CIMultiDict(), 1_800_000_000_000))
        raw = _Unit([_read(made.topic, made.key, made.value, made.timestamp_ms, made.headers)])
        _, ways["raw to cleaned"] = follow(partial(dedupe.process, raw))  # type: ignore[arg-type]
        topic, _partition, key, value, timestamp, headers, carried = raw.emitted[-1]
        cleaned = _Unit([_read(topic, key, value, timestamp, [*carried.headers, *headers])])
        _, ways["cleaned to state"] = follow(partial(orders.process, cleaned))  # type: ignore[arg-type]
    return ways


def _read(topic: str, key: bytes, value: bytes, timestamp: int, headers: Any) -> ConsumerRecord:
    return ConsumerRecord(topic, 0, 0, timestamp, 0, key, value, None, len(key), len(value), headers)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.programs.walk", description=__doc__)
    parser.add_argument("--files", action="store_true", help="the way itself")
    asked = parser.parse_args()
    for leg, way in walk().items():
        print(f"{leg:18} {way.moves:3} moves, {way.returns:3} of them back to a file that was left")
        if asked.files:
            print(*(f"    {name}" for name in way.files), sep="\n")


if __name__ == "__main__":
    main()
