"""How far amounts in a currency may differ and count as equal: binary fractions have noise, and cash is rounded to the
coins that there are."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from schemas.money import EXACT

_LEAST: Final[Mapping[str, str]] = {
    "1": "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    "0.001": "BHD IQD JOD KWD LYD OMR TND",
}
"""Minor units by ISO 4217, where they are no hundredth."""
_STEPS: Final[Mapping[str, str]] = {
    "0.005": "BHD KWD OMR",
    "0.01": "GBP PLN",
    "0.05": "AUD CAD CHF EUR SGD USD",
    "0.1": "HKD ILS NZD ZAR",
    "0.5": "DKK MXN",
    "1": "CZK ISK JPY NOK SEK",
    "5": "HUF",
    "10": "CLP KRW",
    "50": "COP",
    "100": "IDR",
}
"""What cash is rounded to: the least coin in use, where there is a habit or a law."""


def _halves(of: Mapping[str, str]) -> Mapping[str, Decimal]:
    return {code: Decimal(step) / 2 for step, codes in of.items() for code in codes.split()}


_HALF_OF_LEAST: Final = _halves(_LEAST)
_HALF_OF_STEP: Final = _halves(_STEPS)
_HALF_A_CENT: Final = Decimal("0.005")
_HALF_OF_ANY: Final = Decimal(1)
"""For steps that are not known here. Less would raise an alarm for each order in cash; this hides one unit at most."""


def noise(currency: str | None) -> Decimal:
    """Return half a minor unit, which nobody owes; half a cent if the currency is not known."""
    return _HALF_OF_LEAST.get(currency or "", _HALF_A_CENT)


def in_least_units(amount: str, currency: str) -> Decimal:
    """Return an amount in whole minor units, without its noise; hundredths if the currency is not known."""
    half = noise(currency)
    return EXACT.to_integral_value(EXACT.divide(Decimal(amount), EXACT.add(half, half)))


def rounding(currency: str) -> Decimal:
    """Return by how much one payment in cash is rounded at most: half the step between payable sums."""
    return _HALF_OF_STEP.get(currency, _HALF_OF_ANY)
