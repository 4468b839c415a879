"""The packages as `make packages` builds them, and the records that each must read."""

import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.packages import maven_package, npm_package, python_package
from deploy.packages.building import WORK
from tests.packages.odd_fields import ODD_FIELDS
from tests.records import events, lines, oddities, samples, states


class Records(NamedTuple):
    """Files with a record's value in base64 on each line, and their numbers of lines: events, states, order lines."""

    files: tuple[Path, Path, Path]
    counts: tuple[int, int, int]


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """All cleaned records of a simulation with oddities, the samples, and more oddities."""
    folder = tmp_path_factory.mktemp("records")
    files = folder / "events", folder / "states", folder / "lines"
    odd = (field.event() for field in ODD_FIELDS)
    first, *others = states()
    later = b'{"no_such_field":%s,%s' % (b"9" * 1_001, first[1:])
    kinds = (*events(), *samples(), *oddities(), *odd), (later, first, *others), lines()
    for file, values in zip(files, kinds, strict=True):
        file.write_bytes(b"".join(b64encode(value) + b"\n" for value in values))
    return Records(files, (len(kinds[0]), len(kinds[1]), len(kinds[2])))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package for Python."""
    return python_package.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package for Node."""
    if lacking := npm_package.lacking():
        pytest.skip(f"the package for Node cannot be built: {lacking}")
    return npm_package.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def jar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package for Java."""
    if lacking := maven_package.lacking():
        pytest.skip(f"the package for Java cannot be built: {lacking}")
    return maven_package.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with this package and its dependencies alone."""
    home = tmp_path_factory.mktemp("environment") / "venv"
    uv = Path(sys.executable).with_name("uv")
    interpreter = home / "bin" / "python"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, home], check=True)
    install = [str(uv), "pip", "install", "-q", "--python", str(interpreter)]
    if subprocess.run([*install, "typing-extensions"], check=False).returncode:
        pytest.skip("no package index answers, so nothing can be installed into an empty environment")
    subprocess.run([uv, "pip", "uninstall", "-q", "--python", interpreter, "typing-extensions"], check=True)
    subprocess.run([*install, str(wheel)], check=True)
    return interpreter


@pytest.fixture(scope="session")
def project(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has this package alone."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "package.json").write_text('{"name": "reader", "private": true, "type": "module"}')
    install = ["npm", "install", "--silent", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run([*install, str(tarball)], cwd=folder, check=True)
    assert [path.name for path in (folder / "node_modules").iterdir() if path.is_dir()] == ["newstore-events"]
    return folder


@pytest.fixture(scope="session")
def classpath(jar: Path) -> str:
    """The package and its dependencies."""
    libraries = sorted((WORK / "maven" / "target" / "libs").glob("*.jar"))
    assert len(libraries) == 3, "Jackson, and nothing else"
    return ":".join(map(str, [jar, *libraries]))


def java_environment() -> dict[str, str]:
    """The environment without the variable that makes Java print a line."""
    return {name: value for name, value in os.environ.items() if name != "JDK_JAVA_OPTIONS"}
