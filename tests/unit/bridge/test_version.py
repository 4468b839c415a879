"""Which build runs, as an operator sees it."""

from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import NoReturn

import pytest
from typer.testing import CliRunner

from bridge.metrics.service import Service
from bridge.metrics.shared import build_info
from bridge.version import REVISION, foreign_packages, revision, version_in_words
from commands.app import app

VERSION = version("newstore-kafka-bridge")
COMMIT = "745449fc7e0e1b1b1c66cd6b4a5d86d7e8a7a1b2"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, VERSION),
        ("", VERSION),
        (COMMIT, f"{VERSION} (745449f)"),
        ("745449fc-dirty", f"{VERSION} (745449fc-dirty)"),
    ],
)
def test_two_builds_of_one_version_are_told_apart_by_their_revisions(
    monkeypatch: pytest.MonkeyPatch, given: str | None, said: str
) -> None:
    """Only a commit's whole id is cut short. Without an image the revision is unknown, and nothing is said of it."""
    monkeypatch.delenv(REVISION, raising=False)
    if given is not None:
        monkeypatch.setenv(REVISION, given)
    assert (version_in_words(), revision()) == (said, given or "")


def test_the_command_line_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REVISION, COMMIT)
    assert CliRunner().invoke(app, ["--version"]).stdout == f"bridge {VERSION} (745449f)\n"


def test_a_roll_out_of_the_same_version_shows_in_the_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REVISION, COMMIT)
    monkeypatch.setattr("bridge.metrics.service.DESCRIBED", [])  # docs/metrics.md has the real ones
    service = Service("ingress")
    build_info(service)
    [[sample]] = [metric.samples for metric in service.registry.collect() if metric.name == "bridge_build_info"]
    assert sample.labels == {"service": "ingress", "version": VERSION, "revision": COMMIT}


@pytest.mark.parametrize(
    ("installed", "said"),
    [
        ("0.14.0", ()),
        ("0.14.0+ours", ()),
        ("0.13.0", ("aiokafka 0.13.0 is installed, and the bridge needs 0.14.0 and no other",)),
    ],
)
def test_a_package_of_another_version_than_ours_asks_for_is_foreign(
    monkeypatch: pytest.MonkeyPatch, installed: str, said: tuple[str, ...]
) -> None:
    """Nothing is said of a package of which any later version will do."""
    required = ["aiokafka[lz4,snappy,zstd]==0.14.0", "pydantic>=2.14", "aiohttp==3.14.5; python_version > '3'"]
    monkeypatch.setattr("bridge.version.requires", lambda _: required)
    versions = {"aiokafka": {installed}, "pydantic": {"1"}, "aiohttp": {"3.14.5"}}
    monkeypatch.setattr("bridge.version._installed", versions.get)
    found = foreign_packages(["aiokafka", "pydantic", "aiohttp"])
    assert tuple(each.partition(":")[0] for each in found) == said


def test_a_source_tree_that_nobody_installed_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: str) -> NoReturn:
        raise PackageNotFoundError

    monkeypatch.setattr("bridge.version.requires", nobody)
    assert foreign_packages(["aiokafka"]) == ()


@pytest.mark.parametrize("left", [{}, {"METADATA": ""}], ids=["empty directory", "empty file"])
def test_a_package_of_which_nothing_tells_is_not_foreign_and_hides_none_that_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: dict[str, str]
) -> None:
    """An interrupted installer leaves such packages. Beside one, no service started; beside one without files, a
    foreign package passed."""
    directory = tmp_path / "aiohttp-3.14.5.dist-info"
    directory.mkdir()
    for name, text in left.items():
        (directory / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("bridge.version.requires", lambda _: ["aiohttp==3.14.5", "absent-package==1", "pytest==0.1"])
    (said,) = foreign_packages(["aiohttp", "absent-package", "pytest"])
    assert said.startswith("pytest ")


def test_what_an_installer_has_left_of_the_version_before_makes_none_foreign(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`pip install --target` leaves both versions, and chance decides which is found first. A package elsewhere is
    another matter: it is not what is imported."""
    places = tmp_path / "first", tmp_path / "second"
    for place, version_there in ((places[0], "0.13.0"), (places[0], "0.12.0"), (places[1], "0.14.0")):
        directory = place / f"aiokafka-{version_there}.dist-info"
        directory.mkdir(parents=True)
        (directory / "METADATA").write_text(f"Metadata-Version: 2.1\nName: aiokafka\nVersion: {version_there}\n")
    for place in reversed(places):
        monkeypatch.syspath_prepend(place)
    for pinned, is_foreign in (("0.12.0", False), ("0.13.0", False), ("0.14.0", True)):
        monkeypatch.setattr("bridge.version.requires", lambda _, pinned=pinned: [f"aiokafka=={pinned}"])
        assert bool(foreign_packages(["aiokafka"])) == is_foreign


@pytest.mark.parametrize("package", ["aiohttp", "aiokafka", "faust-streaming", "mode-streaming", "rocksdict"])
def test_what_a_service_is_made_for_is_pinned(package: str) -> None:
    assert any(each.startswith(package) and "==" in each for each in requires("newstore-kafka-bridge") or ())
    assert foreign_packages([package]) == ()
