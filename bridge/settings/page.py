"""docs/settings.md, made from the settings themselves: `python -m bridge.settings.page > docs/settings.md`."""

import sys
from datetime import timedelta
from typing import Any, Final

from pydantic.fields import FieldInfo

from bridge.settings import Settings
from bridge.settings.environment import PREFIX, SECRETS
from bridge.settings.types import BYTES, format_duration, format_size
from schemas.events import EVENT_NAMES

_HEAD: Final = """\
# Settings

Every service reads environment variables with the prefix `BRIDGE_`. This page is generated from
`bridge/settings/settings.py` by `python -m bridge.settings.page > docs/settings.md`.

- Durations: a number and `ms`, `s`, `min`, `h` or `d` (`20s`, `15 min`); a bare number is seconds.
  Timeouts (`…_TIMEOUT`) are at least `500 ms`, at most `1 d`.
- Sizes: bytes, or with `KiB`, `MiB` or `GiB` (`8 MiB`).
- Lists: comma separated.
- Where one of some words is taken, as `info` or `SASL_SSL`, or `true` or `false`: in capitals or not. `warn` is
  `warning`. Names, as of events, are what is written: NewStore's are in small letters.
- Other text, as the name of a tenant, user or host, is refused where white space stands around it, as the line end that
  `|` leaves in YAML, or something in it cannot be seen.
- A variable that is set but empty counts as not set.
- Secrets (marked †) can be given as a file: `BRIDGE_X_FILE` holds the path. Line ends behind
  it and a byte order mark before it are cut; API keys stand one a line, so that a key may hold a comma, and follow
  their file while a service [runs](keys.md). Both forms of one secret: exit 2.
- A bad setting ends the process with exit code 2 and a sentence that names the variable, never its value. A
  `BRIDGE_` variable that is no setting is warned about.
- Kubernetes sets `<SERVICE>_PORT=tcp://...` for every Service in a pod's namespace: one called `bridge-ingress` would
  set `BRIDGE_INGRESS_PORT`. Set `enableServiceLinks: false`, or name the Service differently.

| variable | default | meaning |
|---|---|---|
"""


def settings_page() -> str:
    """The whole page."""
    return _HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    mark = "†" if name in SECRETS else ""
    return f"| `{PREFIX}{name.upper()}`{mark} | {_default(field)} | {field.description} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory or field.default in (None, ()):
        return "none"
    return f"`{_written(field.default, field.json_schema_extra)}`"


def _written(value: Any, extra: object) -> str:
    if value == EVENT_NAMES:
        return "all"
    if isinstance(value, timedelta):
        return format_duration(value)
    if extra == BYTES:
        return format_size(value)
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    sys.stdout.write(settings_page())
