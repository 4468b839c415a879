"""A machine lacks something: one sentence says what to do, and nothing is left behind."""

import tempfile
from pathlib import Path

import pytest

from deploy.local.broker import JavaBroker
from deploy.local.environment import BrokenEnvironment
from deploy.local.jars import jars
from deploy.local.ports import free_ports


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of one directory, empty yet."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    return directory


def install(path: Path, name: str, script: str) -> None:
    """Put an executable shell script on the PATH."""
    (path / name).write_text(f"#!/bin/sh\n{script}\n")
    (path / name).chmod(0o755)


def sentence_of(error: pytest.ExceptionInfo[BrokenEnvironment]) -> str:
    """The message, which must be one line with a full stop."""
    message = str(error.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_without_java_it_says_what_to_install(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No Java: told before anything is made."""
    free_ports(1)  # the first call leaves a file there for the life of the process
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    with pytest.raises(BrokenEnvironment) as error:
        JavaBroker().start()
    assert "apt-get install openjdk-17-jre-headless" in sentence_of(error)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(("version", "is_called"), [("11.0.2", "11"), ("1.8.0_402", "8")])
def test_a_java_too_old_is_named(path: Path, version: str, is_called: str) -> None:
    """Kafka 4 needs 17; both spellings of a Java version are understood."""
    install(path, "java", f"echo 'openjdk version \"{version}\"' >&2")
    with pytest.raises(BrokenEnvironment) as error:
        JavaBroker().start()
    assert f"is {is_called}: install a newer one" in sentence_of(error)


def test_without_maven_it_says_what_to_install(path: Path, tmp_path: Path) -> None:
    """No Maven and no jars yet."""
    with pytest.raises(BrokenEnvironment) as error:
        jars(tmp_path / "cache")
    assert "apt-get install maven" in sentence_of(error)


def test_a_maven_that_fails_is_quoted_and_leaves_nothing(path: Path, tmp_path: Path) -> None:
    """The first error of Maven, such as a repository out of reach; the next try starts afresh."""
    install(path, "mvn", "echo '[ERROR] Could not transfer kafka.jar'; echo '[ERROR] more'; exit 1")
    with pytest.raises(BrokenEnvironment) as error:
        jars(tmp_path / "cache")
    assert sentence_of(error) == "Maven could not fetch the jars: Could not transfer kafka.jar."
    assert list((tmp_path / "cache").iterdir()) == []


def test_jars_are_fetched_once(path: Path, tmp_path: Path) -> None:
    """The second call needs no Maven."""
    install(path, "mvn", 'for last in "$@"; do :; done; /bin/mkdir "${last#-DoutputDirectory=}"')
    directory = jars(tmp_path / "cache")
    (path / "mvn").unlink()
    assert jars(tmp_path / "cache") == directory
    assert directory.is_dir()
