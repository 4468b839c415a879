"""Secrets from files: for each secret setting `BRIDGE_X`, `BRIDGE_X_FILE` names a file that holds it."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

PREFIX = "BRIDGE_"


class SettingsError(Exception):
    """The settings cannot be used. The message is for people: it names the variables, and holds no value."""


def _whole(text: str) -> str:
    return text.rstrip("\r\n")


def _lines(text: str) -> tuple[str, ...]:
    """One key a line, so that a key may hold a comma; blanks around it do not count, as in the header it comes in."""
    return tuple(line.strip() for line in text.split("\n") if line.strip())


SECRETS: Mapping[str, Callable[[str], Any]] = {
    "kafka_sasl_password": _whole,
    "ingress_api_keys": _lines,
    "worker_api_keys": _lines,
}
"""Secret setting -> how the text of its file is read."""


class SecretFiles(PydanticBaseSettingsSource):
    """A pydantic-settings source: the secrets given as files."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - interface
        """The secret if its file is named; `SettingsError` if both forms are given or it is unreadable."""
        variable = PREFIX + field_name.upper()
        path = os.environ.get(f"{variable}_FILE")
        if field_name not in SECRETS or not path:
            return None, field_name, False
        if os.environ.get(variable):
            raise SettingsError(f"{variable} and {variable}_FILE are both set: set one of them.")
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise SettingsError(f"{variable}_FILE: {path} cannot be read: {reason}.") from None
        return SECRETS[field_name](text), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Every secret that comes from a file, by setting name."""
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}
