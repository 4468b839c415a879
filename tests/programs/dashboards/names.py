"""The names of series."""

import re
from collections.abc import Mapping
from typing import Final

_PLACE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def called(form: str, labels: Mapping[str, str]) -> str:
    """A series' name by the panel's `legendFormat`."""
    if form == "__auto":
        shown = {name: value for name, value in labels.items() if name != "__name__"}
        if len(shown) == 1:
            return next(iter(shown.values()))
        told = ", ".join(f'{name}="{value}"' for name, value in shown.items())
        return f"{labels.get('__name__', '')}{{{told}}}" if told else labels.get("__name__", "Value")
    return _PLACE.sub(lambda place: labels.get(place[1], ""), form)
