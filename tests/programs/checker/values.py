"""What a payload's values mean, by docs/order-state.md ("Values"). None: the value cannot be read."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact
from math import isfinite
from typing import Any, TypeVar

_LENGTH = 200
_LEVELS, _NAME_BYTES, _NUMBER, _EXPONENT = 60, 50_000, 1_000, 3
_DECIMAL = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-]\d\d)(?::?(\d\d))?)?", re.ASCII)
_EXACT = Context(prec=1000, traps=[Inexact])
_ROUNDING = Context(prec=1000)

T = TypeVar("T")


class Number(str):
    """A number as its JSON spells it."""

    __slots__ = ()


def identifier(value: object) -> str | None:
    """An id of 1 to 200 characters; a number becomes the text that it was written as."""
    return str(value) if isinstance(value, str) and len(value) <= _LENGTH and _is_text(value) else None


def text(value: object) -> str | None:
    """Free text: its first 200 characters, without U+0000."""
    cut = _without_zero(value)[:_LENGTH] if isinstance(value, str) else ""
    return str(cut) if _is_text(cut) else None


def currency_code(value: object) -> str | None:
    """A currency's code, trimmed and in capitals."""
    return text((text(value) or "").strip().upper())


def _without_zero(value: str) -> str:
    return "".join(value.split("\0"))


def _is_text(value: str) -> bool:
    return value != "" and (value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value))


def pieces(value: object) -> int | None:
    """A quantity: a whole number of at most nine digits, however it is spelt."""
    return _whole(value, 10**9)


def unsigned_pieces(value: object) -> int | None:
    """A quantity without its sign: the event's name says which way it goes."""
    number = decimal(value)
    return None if number is None else pieces(Number(plain(number.copy_abs())))


def logical_time(value: object) -> int | None:
    """A whole number from 0 that fits into a signed integer of 64 bits."""
    return _whole(value, 2**63)


def _whole(value: object, below: int) -> int | None:
    number = decimal(value)
    return int(number) if number is not None and 0 <= number < below and number == int(number) else None


def money(value: object) -> str | None:
    """An exact amount in its one spelling."""
    number = decimal(value)
    return None if number is None else plain(number)


def unsigned(value: object) -> str | None:
    """An amount without its sign: the event's name says which way it goes."""
    number = decimal(value)
    return None if number is None else plain(number.copy_abs())


def decimal(value: object) -> Decimal | None:
    """A decimal number of limited length, also if it is spelt as text."""
    spelt = value.strip() if isinstance(value, str) else ""
    return Decimal(spelt) if _DECIMAL.fullmatch(spelt) else None


def plain(number: Decimal) -> str:
    """The number without exponent and without zeros at its end."""
    digits = f"{number.copy_abs():f}"  # abs() rounds
    amount = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"-{amount}" if number < 0 else amount


def total(amounts: Iterable[str | None]) -> str:
    """The exact sum of the amounts; those that cannot be read are left out."""
    sum_ = Decimal(0)
    for amount in amounts:
        if amount is not None:
            sum_ = _EXACT.add(sum_, Decimal(amount))
    return plain(sum_)


def less(amount: str | None, *others: str | None) -> str | None:
    """An amount minus the others, exact; None if one of them is not known."""
    if amount is None or None in others:
        return None
    return total([amount, *(plain(Decimal(other).copy_negate()) for other in others if other is not None)])


def times(amount: str, count: int) -> str:
    """So many times an amount, exact."""
    return plain(_EXACT.multiply(Decimal(amount), Decimal(count)))


def rounded(amount: str, digits: int) -> str:
    """The amount with so many digits behind the point."""
    return plain(_ROUNDING.quantize(Decimal(amount), Decimal(1).scaleb(-digits)))


def instant(value: object) -> str | None:
    """A time in UTC, with up to nine fraction digits and no zeros at its end; no zone means UTC."""
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    day, time, digits, hours, minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{hours or '+00'}:{minutes or '00'}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    fraction = (digits or "")[:9].rstrip("0")
    return f"{moment.replace(tzinfo=None).isoformat()}{'.' if fraction else ''}{fraction}Z"


def flag(value: object) -> bool | None:
    """A boolean, also if it is spelt as text."""
    said = value.strip().lower() if isinstance(value, str) else value
    if isinstance(said, str):
        return {"true": True, "false": False}.get(said)
    return said if isinstance(said, bool) else None


def json_object(value: object) -> dict[str, Any] | None:
    """An object as it is, but without U+0000 and with decimal numbers; None if parsers refuse it."""
    return _as_is(value) if isinstance(value, dict) and _is_taken(value) else None


def json_objects(value: object) -> list[dict[str, Any]] | None:
    """A list of such objects; None if parsers refuse one."""
    found = objects(value)
    return None if found is None or not _is_taken(found) else [_as_is(member) for member in found]


def objects(value: object) -> list[dict[str, Any]] | None:
    """The objects in a list; its other members say nothing."""
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else None


def _is_taken(value: object) -> bool:
    """Whether each level, name, number and text is within the bounds of common parsers."""
    level = [value]
    for _ in range(_LEVELS):
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                names = [_without_zero(name) for name in each]
                if not all(name == "" or (_is_text(name) and _spelt_bytes(name) <= _NAME_BYTES) for name in names):
                    return False
                inner += each.values()
            elif isinstance(each, list):
                inner += each
            elif not _is_plain(each):
                return False
        level = inner
    return not any(isinstance(each, dict | list) or not _is_plain(each) for each in level)


def _is_plain(value: object) -> bool:
    if isinstance(value, float):  # json reads only NaN and Infinity so
        return False
    if isinstance(value, Number):
        _, _, exponent = value.lower().partition("e")
        return len(value) <= _NUMBER and len(exponent.lstrip("+-")) <= _EXPONENT and isfinite(float(value))
    return not isinstance(value, str) or (without := _without_zero(value)) == "" or _is_text(without)


def _spelt_bytes(name: str) -> int:
    return len(json.dumps(name, ensure_ascii=False).encode()) - len('""')


def _as_is(value: Any) -> Any:
    if isinstance(value, dict):
        return {_without_zero(name): _as_is(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_as_is(member) for member in value]
    if isinstance(value, Number):
        return Decimal(value)
    return _without_zero(value) if isinstance(value, str) else value


def last(values: Iterable[T | None]) -> T | None:
    """The last value that is known."""
    return next((value for value in reversed(list(values)) if value is not None), None)
