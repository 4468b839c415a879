"""A file of keys that somebody changes, in all the ways that files are changed."""

import codecs
import errno
import os
from pathlib import Path

import pytest

from bridge.refusals import SettingsError
from bridge.settings.environment import MOST_BYTES
from bridge.settings.key_file import KeyFile

OLD, NEW = b"old-" + b"o" * 20, b"new-" + b"n" * 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the keys in force, as `kubectl` and editors write it."""
    file = tmp_path / "keys"
    file.write_bytes(OLD + b"\n")
    return file


@pytest.fixture
def keys(path: Path) -> KeyFile:
    file = KeyFile("ingress_api_keys", path, (OLD,))
    assert not file.look()
    return file


def test_other_keys_are_taken_when_they_are_found_twice(keys: KeyFile, path: Path) -> None:
    path.write_bytes(OLD + b"\n" + NEW + b"\n")
    assert not keys.look()
    assert list(keys.in_force) == [OLD]
    assert keys.look()
    assert list(keys.in_force) == [OLD, NEW]
    assert not keys.look()


def test_who_says_that_they_are_there_is_believed(keys: KeyFile, path: Path) -> None:
    path.write_bytes(NEW + b"\n")
    assert keys.look(at_once=True)
    assert keys.in_force == (NEW,)


def test_what_still_changes_is_not_taken(keys: KeyFile, path: Path) -> None:
    for length in range(1, 5):
        path.write_bytes(NEW[:length] + b"\n")
        assert not keys.look()
    assert keys.in_force == (OLD,)


def test_kubernetes_swaps_a_link_on_the_way_to_the_file(tmp_path: Path) -> None:
    for version, key in (("..1", OLD), ("..2", NEW)):
        (tmp_path / version).mkdir()
        (tmp_path / version / "keys").write_bytes(key)
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "keys").symlink_to("..data/keys")
    file = KeyFile("worker_api_keys", tmp_path / "keys", (OLD,))
    assert not file.look()
    (tmp_path / "..tmp").symlink_to("..2")
    (tmp_path / "..tmp").replace(tmp_path / "..data")
    assert not file.look()
    assert file.look()
    assert file.in_force == (NEW,)


def test_the_same_size_and_time_hide_nothing(keys: KeyFile, path: Path) -> None:
    before = path.stat()
    path.write_bytes(NEW + b"\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not keys.look()
    assert keys.look()


def test_a_byte_order_mark_is_no_part_of_a_key(keys: KeyFile, path: Path) -> None:
    """A rotation that Notepad saved shut out the key in use."""
    path.write_bytes(codecs.BOM_UTF8 + OLD + b"\r\n" + NEW + b"\r\n")
    assert [keys.look(), keys.look()] == [False, True]
    assert keys.in_force == (OLD, NEW)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (b"", "holds no key"),
        (b"\n \n", "holds no key"),
        (OLD + b"\n" + NEW[:9], "half-written"),
        (NEW, "half-written"),
        (b"\xff\n", "not UTF-8"),
        (b"\0" * 24 + b"\n", "no header can have"),
        (NEW + b"\r" + NEW + b"\n", "no header can have"),
        (NEW + b"\x7f\n", "no header can have"),
        (b"k\n" * MOST_BYTES, "more than"),
    ],
)
@pytest.mark.parametrize("at_once", [False, True])
def test_what_is_not_surely_whole_changes_nothing(
    keys: KeyFile, path: Path, held: bytes, said: str, at_once: bool
) -> None:
    path.write_bytes(held)
    for _ in range(3):
        with pytest.raises(SettingsError, match=said) as refused:
            keys.look(at_once=at_once)
        assert keys.in_force == (OLD,)
        assert "new-" not in str(refused.value)
    path.write_bytes(NEW + b"\n")
    assert [keys.look(), keys.look()] == [False, True]


def test_a_file_that_is_gone_changes_nothing_until_it_is_back(keys: KeyFile, path: Path) -> None:
    path.unlink()
    with pytest.raises(SettingsError, match=r"BRIDGE_INGRESS_API_KEYS_FILE: .*No such file"):
        keys.look()
    path.write_bytes(NEW + b"\n")
    assert [keys.look(), keys.look()] == [False, True]


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_a_file_that_nobody_may_look_at_changes_nothing_until_somebody_may(
    keys: KeyFile, path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """The file's directory is closed to us, or its network file system is away."""

    def fail(self: Path, **_: object) -> os.stat_result:
        raise OSError(code, os.strerror(code), str(self))

    with monkeypatch.context() as away:
        away.setattr(Path, "stat", fail)
        with pytest.raises(SettingsError, match=f"cannot be read: {os.strerror(code)}"):
            keys.look()
    path.write_bytes(NEW + b"\n")
    assert [keys.look(), keys.look()] == [False, True]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_it_waits_for_no_pipe(keys: KeyFile, path: Path, make: object) -> None:
    path.unlink()
    make(path)  # type: ignore[operator]  # a function of os
    with pytest.raises(SettingsError, match="no regular file"):
        keys.look()


def test_keys_that_never_had_a_line_feed_behind_them_need_none(path: Path) -> None:
    """`kubectl create secret --from-literal` makes such files."""
    path.write_bytes(OLD)
    keys = KeyFile("ingress_api_keys", path, (OLD,))
    assert not keys.look()
    path.write_bytes(NEW)
    assert [keys.look(), keys.look()] == [False, True]


def test_the_same_keys_caught_in_the_middle_of_a_write_excuse_nothing(keys: KeyFile, path: Path) -> None:
    path.write_bytes(OLD)
    assert not keys.look()
    path.write_bytes(OLD[:9])
    with pytest.raises(SettingsError, match="half-written"):
        keys.look()
