"""A file of bearer keys, read again and again. Content that may be incomplete changes nothing."""

import stat
from pathlib import Path

from bridge.refusals import SettingsError
from bridge.settings.environment import PREFIX, SECRETS, secret_text
from bridge.settings.types import NO_HEADER, fits_header

Keys = tuple[bytes, ...]


class KeyFile:
    """The file at `path` of the secret setting `name`; `in_force`: the keys that were last taken from it.

    It is read each time: Kubernetes swaps a link on the way to it, and a file written in place may keep its size within
    one tick of the clock.
    """

    def __init__(self, name: str, path: Path, in_force: Keys) -> None:
        self._name, self.path, self.in_force = name, path, in_force
        self._seen = in_force
        self._ended = False
        """Whether the file ended in a line feed while it held the keys in force."""

    def look(self, *, at_once: bool = False) -> bool:
        """Whether other keys are in force now. SettingsError: what is there cannot be used.

        Other keys are taken when they are found twice in a row; with `at_once`, the first time.
        """
        text = self._text()
        lines = SECRETS[self._name](text)
        if not all(map(fits_header, lines)):
            raise self._unusable(NO_HEADER)
        keys = tuple(line.encode() for line in lines)
        if keys == self.in_force:
            self._seen, self._ended = keys, self._ended or text.endswith("\n")
            return False
        if not keys:
            raise self._unusable("holds no key")
        if self._ended and not text.endswith("\n"):
            raise self._unusable("ends within a line, as if it were half-written")
        settled, self._seen = keys == self._seen, keys
        if settled or at_once:
            self.in_force, self._ended = keys, text.endswith("\n")
        return settled or at_once

    def _text(self) -> str:
        try:
            mode = self.path.stat().st_mode
        except OSError as error:  # `is_file` takes some errors for no file, and raises others
            raise self._unusable(f"cannot be read: {error.strerror}") from error
        if not stat.S_ISREG(mode):  # reading a pipe would wait for its writer
            raise self._unusable("is no regular file")
        return secret_text(self._name, self.path)

    def _unusable(self, why: str) -> SettingsError:
        return SettingsError(f"{PREFIX}{self._name.upper()}_FILE: {self.path} {why}.")
