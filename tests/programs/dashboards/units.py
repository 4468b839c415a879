"""Writes a number as Grafana does, by its panel's unit: `packages/grafana-data/src/valueFormats` of Grafana's
source."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

_Writer = Callable[[float, int | None], str]

_SHORT: Final = ("", " K", " Mil", " Bil", " Tri")
_COUNTED: Final = ("", "K", "M", "B", "T")
_BYTES: Final = (" B", " KiB", " MiB", " GiB", " TiB", " PiB")
_A_SECOND: Final[Mapping[str, str]] = {
    "cps": "c/s",
    "ops": "ops/s",
    "reqps": "req/s",
    "recps": "rec/s",
    "rowsps": "rows/s",
    "eps": "evt/s",
    "mps": "msg/s",
}
_SPANS: Final = (
    (31_536_000.0, "years"),
    (604_800.0, "weeks"),
    (86_400.0, "days"),
    (3_600.0, "hours"),
    (60.0, "mins"),
    (1.0, "s"),
    (1e-3, "ms"),
    (1e-6, "µs"),
    (1e-9, "ns"),
)
"""From so many seconds on, this unit is used."""


def written(value: float, unit: str, decimals: int | None = None) -> str:
    """`decimals` None: as many as tell something. KeyError: no panel has had this unit, so nobody has looked up how
    Grafana writes it."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{value}"
    if unit.startswith("suffix:"):
        return f"{_rounded(value, decimals)} {unit.removeprefix('suffix:')}"
    return _WRITERS[unit](value, decimals)


def _span(seconds: float, decimals: int | None) -> str:
    size = abs(seconds)
    factor, name = next((each for each in _SPANS if size >= each[0]), _SPANS[-1]) if size else (1.0, "s")
    text = _rounded(seconds / factor, decimals)
    return f"{text} {name[:-1] if text == '1' and factor >= 60 else name}"


def _scaled(value: float, factor: int, suffixes: Sequence[str], decimals: int | None) -> str:
    power = math.floor(math.log(abs(value), factor) + 1e-12) if value else 0
    power = min(max(power, 0), len(suffixes) - 1)
    return f"{_rounded(value / factor**power, decimals)}{suffixes[power]}"


def _rounded(value: float, decimals: int | None) -> str:
    """With three significant digits and no zeros after them, unless `decimals` is given."""
    if decimals is not None:
        return f"{value:.{decimals}f}"
    power = math.floor(math.log10(abs(value))) if value else 0
    text = f"{value:.{max(0, 2 - power)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _counted(symbol: str) -> _Writer:
    return lambda value, decimals: f"{_scaled(value, 1000, _COUNTED, decimals)} {symbol}"


_WRITERS: Final[Mapping[str, _Writer]] = {
    "none": _rounded,
    "locale": lambda value, decimals: f"{value:,.{decimals or 0}f}",
    "short": lambda value, decimals: _scaled(value, 1000, _SHORT, decimals),
    "bytes": lambda value, decimals: _scaled(value, 1024, _BYTES, decimals),
    "percentunit": lambda value, decimals: f"{_rounded(100 * value, decimals)}%",
    "s": _span,
    **{unit: _counted(symbol) for unit, symbol in _A_SECOND.items()},
}
