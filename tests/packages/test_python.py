"""`newstore-events` for Python: it installs into an empty environment, is small and typed, and reads everything."""

import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from tests.packages.conftest import Records

PAGE = Path(__file__).parents[2] / "deploy" / "packages" / "python" / "README.md"
READS = """
import base64, sys
from newstore_events import OtherEvent, parse, parse_order_line, parse_order_state
from pathlib import Path
events, states, lines = ([base64.b64decode(line) for line in Path(file).read_bytes().split()] for file in sys.argv[1:])
events = list(map(parse, events))
states, lines = list(map(parse_order_state, states)), list(map(parse_order_line, lines))
print(len(events), len(states), len(lines), sum(type(event) is not OtherEvent for event in events))
"""
AS_ON_ITS_PAGE = """
import base64, sys
from pathlib import Path
class Record:
    def __init__(self): self._values = [base64.b64decode(Path(file).read_bytes().split()[0]) for file in sys.argv[1:]]
    @property
    def value(self): return self._values.pop(0)
record = Record()
exec(sys.stdin.read())
print(event.name, state.order_id, line.order_id)
"""
"""A reader has a record of each kind in turn, and only the names that the page imports."""
TYPED = """
from decimal import Decimal
from newstore_events import OrderOpened, parse, parse_order_state
event = parse(b"")
if isinstance(event, OrderOpened):
    total: Decimal | None = event.payload.grand_total
net: str = parse_order_state(b"").payment_sums["EUR"].net
"""
UNTYPED = """
from newstore_events import parse, parse_order_state
tenant: int = parse(b"").tenant
parse_order_state(b"").no_such_field
"""


def test_it_has_one_name_of_its_own_and_says_that_it_is_typed(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"newstore_events"}
    assert "newstore_events/py.typed" in names
    assert not [name for name in names if b"schemas" in ZipFile(wheel).read(name) and name.endswith(".py")]


def test_it_brings_few_packages(python: Path) -> None:
    listed = subprocess.run(
        [Path(sys.executable).with_name("uv"), "pip", "list", "-q", "--python", python, "--format", "freeze"],
        capture_output=True,
        text=True,
        check=True,
    )
    packages = listed.stdout.split()
    assert any(package.startswith("newstore-events") for package in packages)
    assert len(packages) <= 8


def test_it_reads_every_event_and_every_state(python: Path, records: Records) -> None:
    done = subprocess.run(
        [python, "-W", "error", "-c", READS, *records.files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    *counts, known = map(int, done.stdout.split())
    assert tuple(counts) == records.counts
    assert known > 2_000


def test_what_its_page_shows_runs_as_it_stands_there(python: Path, records: Records) -> None:
    (shown,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    done = subprocess.run(
        [python, "-W", "error", "-c", AS_ON_ITS_PAGE, *records.files],
        input=shown,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert len(done.stdout.split()) == 3


def test_mypy_sees_its_types(python: Path, tmp_path: Path) -> None:
    for name, text in {"typed": TYPED, "untyped": UNTYPED}.items():
        (tmp_path / f"{name}.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "typed.py", "untyped.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line.partition(" error:")[0] for line in done.stdout.splitlines() if " error:" in line]
    assert errors == ["untyped.py:3:", "untyped.py:4:"], done.stdout + done.stderr
