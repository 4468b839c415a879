"""What is installed: also what the console serves, which no module imports, and nothing that needs more packages."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from hatch_build import SOURCES, compile_in_place
from processors.engine.records import IS_COMPILED

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "processors" / "worker" / "console"
IMPORT_ALL = """
import importlib, pkgutil, sys
for name in ("schemas", "bridge", "ingress", "processors", "commands"):
    package = importlib.import_module(name)
    assert package.__path__[0].startswith(sys.argv[1]), package.__path__
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        if not module.name.endswith("__main__") and module.name != "bridge.otel":  # which needs the extra of its name
            importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with our wheel and the packages of requirements/runtime.txt, and nothing else."""
    place = tmp_path_factory.mktemp("site-packages")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    text = (ROOT / "requirements" / "runtime.txt").read_text()
    for name in re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE):
        for file in importlib.metadata.files(name) or []:
            top = place / file.parts[0]
            if file.parts[0] != ".." and not top.exists():
                top.symlink_to(Path(str(file.locate())).parents[len(file.parts) - 1] / file.parts[0])
    return place


def run(installed: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program with these packages and Python's own, from a directory without any."""
    path = f"[*(each for each in sys.path if 'site-packages' not in each), {str(installed)!r}]"
    begin = f"import sys; sys.path[:] = {path}"
    command = [sys.executable, "-I", "-S", "-B", "-c", f"{begin}\n{program}", *arguments]
    settings = {"BRIDGE_TENANT": "any"}
    return subprocess.run(command, cwd="/", env=settings, capture_output=True, text=True, check=False)


def test_the_wheel_has_everything_that_the_console_serves(installed: Path) -> None:
    needed = {path for folder in ("templates", "static") for path in (CONSOLE / folder).iterdir()}
    assert len(needed) > 10
    assert all((installed / path.relative_to(ROOT)).is_file() for path in needed)


def test_every_module_needs_runtime_packages_only(installed: Path) -> None:
    """The image has no development packages, nor the extras that few need."""
    done = run(installed, IMPORT_ALL, str(installed))
    assert done.returncode == 0, done.stderr
    assert run(installed, "import pytest").returncode != 0, "else this shows nothing"


def test_the_command_line_runs_from_there(installed: Path) -> None:
    """With the data files that it reads: the event names, the key table and the schemas."""
    done = run(installed, "from commands import main; main()", "topics", "plan", "-o", "kafka-cli")
    assert done.returncode == 0, done.stderr
    assert "newstore.order-state.v1" in done.stdout


@pytest.mark.skipif(not IS_COMPILED, reason="no C compiler was here when this was set up")
def test_what_it_has_runs_compiled(installed: Path) -> None:
    """From the wheel that the image gets."""
    found = run(installed, "from processors.engine import records as it; print(it.__file__, it.IS_COMPILED)")
    assert found.stdout.split() == [str(installed / "processors" / "engine" / "records" / "__init__.py"), "True"]


def test_without_a_compiler_it_is_built_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The build says why nothing is compiled, and leaves nothing that was compiled from other sources."""
    monkeypatch.setenv("CC", "/no/compiler")
    for source in SOURCES:
        shutil.copytree(ROOT / source.parent, tmp_path / source.parent, ignore=shutil.ignore_patterns("*.so"))
        before = (tmp_path / source).with_suffix(str(sysconfig.get_config_var("EXT_SUFFIX")))
        before.touch()
        os.utime(before, (0, 0))
    assert "/no/compiler" in str(compile_in_place(tmp_path))
    assert not [*tmp_path.rglob("*.so")]
