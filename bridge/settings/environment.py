"""Secrets from files: for each secret setting `BRIDGE_X`, `BRIDGE_X_FILE` names a file that holds it."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from bridge.refusals import SettingsError

PREFIX: Final = "BRIDGE_"
MOST_BYTES: Final = 64 * 1024


def _whole(text: str) -> str:
    return text.rstrip("\r\n")


def _lines(text: str) -> tuple[str, ...]:
    """One key a line, so that a key may hold a comma. Blanks around it do not count, as in a header."""
    return tuple(line.strip() for line in text.split("\n") if line.strip())


SECRETS: Mapping[str, Callable[[str], Any]] = {
    "kafka_sasl_password": _whole,
    "registry_password": _whole,
    "kafka_oauth_client_secret": _whole,
    "ingress_api_keys": _lines,
    "worker_api_keys": _lines,
}
"""Secret setting -> how the text of its file is read."""


def secret_path(name: str) -> Path | None:
    """The file that holds a setting's secret; None: it is no secret, or comes from no file."""
    path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
    return Path(path) if path and name in SECRETS else None


def secret_text(name: str, path: Path) -> str:
    """The text of a setting's file. SettingsError, which quotes nothing of it: it cannot be read."""
    try:
        with path.open("rb") as file:
            held = file.read(MOST_BYTES + 1)
        if len(held) <= MOST_BYTES:
            return held.decode("utf-8-sig")  # Windows' editors put a byte order mark before it
        reason = f"it has more than {MOST_BYTES} bytes"
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    raise SettingsError(f"{PREFIX}{name.upper()}_FILE: {path} cannot be read: {reason}.")


class SecretFiles(PydanticBaseSettingsSource):
    """A pydantic-settings source: the secrets given as files."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - interface
        """The secret, if its file is named. SettingsError: both forms are given, or the file cannot be read."""
        variable = PREFIX + field_name.upper()
        path = secret_path(field_name)
        if path is None:
            return None, field_name, False
        if os.environ.get(variable):
            raise SettingsError(f"{variable} and {variable}_FILE are both set: set one of them.")
        return SECRETS[field_name](secret_text(field_name, path)), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Every secret that comes from a file, by setting name."""
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}
