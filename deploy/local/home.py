"""What a stack leaves for the next one and for other terminals: its settings in a file, and its services' logs."""

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
"""There are keys in it."""


class Home:
    """A directory that stays. `kept` are the settings of the stack before, none if there was none."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self.env_file = directory / _ENV_FILE
        self.kept: Mapping[str, str] = {
            name: value for name, value in dotenv_values(self.env_file, interpolate=False).items() if value
        }

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have it alone; BrokenEnvironment: another stack has it, whose settings and logs would be written over while
        it runs. The lock ends with the process, however that ends."""
        with (self._directory / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BrokenEnvironment(
                    f"Another `make run` is going on here: its settings are in {self.env_file}; end it first."
                ) from None
            yield

    def port(self, name: str) -> list[int]:
        """The port in a setting of the stack before, behind its last colon if it is an address; empty: none."""
        text = self.kept.get(name, "").rpartition(":")[2]
        return [int(text)] if text.isdecimal() else []

    def write(self, environment: Mapping[str, str]) -> None:
        """Keep the bridge's settings in this environment."""
        ours = {name: value for name, value in environment.items() if name.startswith("BRIDGE_")}
        self.env_file.touch(_MODE)
        self.env_file.chmod(_MODE)
        self.env_file.write_text("".join(f"{name}={_quoted(value)}\n" for name, value in sorted(ours.items())))

    def log(self, service: str) -> Path:
        """Where a service writes; each stack begins it anew."""
        return self._directory / f"{service}.log"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
