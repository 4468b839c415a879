"""What a stack leaves for the next stack and for other terminals: its settings in a file, and its services' logs."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from deploy.local.environment import BrokenEnvironment
from deploy.local.service import WORKPLACE

RUN: Final = WORKPLACE / "run"
_ENV_FILE: Final = "bridge.env"
_MODE: Final = 0o600
"""The file has keys in it."""


class Home:
    """A directory that stays. `kept` are the settings of the previous stack; empty if there was none."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self.env_file = directory / _ENV_FILE
        self.kept: Mapping[str, str] = {
            name: value for name, value in dotenv_values(self.env_file, interpolate=False).items() if value
        }

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the directory alone. BrokenEnvironment: another stack holds it, and we would overwrite its settings and
        logs. The lock ends with the process, however the process ends."""
        with (self._directory / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BrokenEnvironment(
                    f"Another `make run` is going on here: its settings are in {self.env_file}; end it first."
                ) from None
            yield

    def port(self, name: str) -> list[int]:
        """Return the port in a setting of the previous stack, after the last colon of an address; empty if none."""
        text = self.kept.get(name, "").rpartition(":")[2]
        return [int(text)] if text.isdecimal() else []

    def write(self, environment: Mapping[str, str]) -> None:
        """Write the bridge's settings in this environment to the file."""
        ours = {name: value for name, value in environment.items() if name.startswith("BRIDGE_")}
        self.env_file.touch(_MODE)
        self.env_file.chmod(_MODE)
        self.env_file.write_text("".join(f"{name}={_quoted(value)}\n" for name, value in sorted(ours.items())))

    def log(self, service: str) -> Path:
        """Return the file of a service's output. Each stack begins the file anew."""
        return self._directory / f"{service}.log"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
