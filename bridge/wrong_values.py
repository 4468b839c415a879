"""What is wrong with a value, in words for people: pydantic's words are Python's. Does not import pydantic."""

from collections.abc import Mapping
from typing import Any, Final

NO_TIME: Final = "is no time: write it as 2026-01-01T00:00:00Z"
NO_ZONE: Final = "has no zone: write it as 2026-01-01T00:00:00Z"
_WORDS: Final[Mapping[str, str]] = {
    "int_parsing": "is no whole number",
    "int_parsing_size": "has too many digits",
    "int_from_float": "is no whole number",
    "float_parsing": "is no number",
    "finite_number": "is no number",
    "bool_parsing": "is neither true nor false",
    "greater_than": "is not more than {gt}",
    "greater_than_equal": "is not {ge} or more",
    "less_than_equal": "is not {le} or less",
    "literal_error": "is none of {expected}",
    "too_short": "is empty",
    "string_too_long": "has more than {max_length} characters",
    "string_pattern_mismatch": "is not as it must be, {pattern}",
    "string_unicode": "is no UTF-8",
    "path_not_file": "names no file",
    "url_parsing": "is no URL",
    "url_scheme": "is no URL that begins with {expected_schemes}",
    "datetime_from_date_parsing": NO_TIME,
    "datetime_parsing": NO_TIME,
    "timezone_aware": NO_ZONE,
}
"""By pydantic's name for an error."""


def wrong_in_words(kind: str, context: Mapping[str, Any]) -> str:
    """What is wrong with a value, without the value: `is no whole number`."""
    return _WORDS.get(kind, "is nothing that it can be").format_map({key: _said(each) for key, each in context.items()})


def _said(limit: Any) -> str:
    return f"{limit:g}" if isinstance(limit, float) else str(limit).replace("'", "")
