"""The packages as `make packages` builds them, and the records that each has to read."""

from base64 import b64encode
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.packages import maven_package, npm_package, python_package
from tests.records import events, lines, oddities, samples, states


class Records(NamedTuple):
    """Files with a record's value a line, in base64, and how many lines each has: events, states, order lines."""

    files: tuple[Path, Path, Path]
    counts: tuple[int, int, int]


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """All that is cleaned of a simulation with oddities, the samples, and what else is odd."""
    folder = tmp_path_factory.mktemp("records")
    files = folder / "events", folder / "states", folder / "lines"
    kinds = (*events(), *samples(), *oddities()), states(), lines()
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
