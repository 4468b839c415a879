"""A container's environment, tried on the bridge's own settings."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.settings import Settings
from bridge.settings.environment import PREFIX, SECRETS

FILE = "_FILE"


def unknown_names(names: set[str]) -> set[str]:
    """Those that no setting and no secret's file has."""
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    known |= {PREFIX + field.upper() + FILE for field in SECRETS}
    return names - known


def secrets_in(names: set[str]) -> set[str]:
    """Those that hold a secret itself, not the name of its file."""
    return names & {PREFIX + field.upper() for field in SECRETS}


def settings_of(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, scratch: Path, secret: str = "key"
) -> Settings:
    """The settings a container would have; what it mounts as a secret's file is a file with `secret`."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, str(_secret_file(scratch, secret)) if name.endswith(FILE) else str(value))
    return Settings()


def _secret_file(scratch: Path, secret: str) -> Path:
    path = scratch / "secret"
    path.write_text(f"{secret}\n")
    return path
