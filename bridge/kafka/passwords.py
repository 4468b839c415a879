"""A SCRAM password as its file has it when a connection is made."""

import logging
from pathlib import Path
from typing import Self

from bridge.refusals import SettingsError
from bridge.settings.environment import SECRETS, secret_text

log = logging.getLogger(__name__)  # commands set up no other, and print data


class RenewedPassword(str):
    """As text, what the file held at first. For SCRAM aiokafka encodes a password once for each connection, which reads
    the file again. For PLAIN it joins texts instead, so it keeps the first password for ever."""

    _name: str
    _path: Path
    _last: str

    @classmethod
    def of(cls, name: str, path: Path) -> Self:
        """The file at `path` of the secret setting `name`. SettingsError: it cannot be read."""
        text = SECRETS[name](secret_text(name, path))
        password = cls(text)
        password._name, password._path, password._last = name, path, text
        return password

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """What the file holds now; where it cannot be read or is empty, what it held last."""
        try:
            self._last = SECRETS[self._name](secret_text(self._name, self._path)) or self._last
        except SettingsError as error:
            log.warning("the former password stays in force: %s", error)
        return self._last.encode(encoding, errors)
