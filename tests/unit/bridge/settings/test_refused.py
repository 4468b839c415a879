"""Whatever is wrong with a variable is told in words for people."""

import re

import pytest

from bridge.settings import Settings, try_settings

pytestmark = pytest.mark.thorough

BAD = (
    *(
        "x",
        ",",
        "-1",
        "0",
        "1.5",
        "nan",
        "inf",
        "9" * 25,
        "9" * 400,
        "1e400",
        "\u0661",
        "a=",
        ":",
        "http://[",
        "ftp://x",
        "a" * 300,
    ),
    *("/nonexistent", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "bogus\x1b[2J"),
)
PYTHON = re.compile(
    r"Input should|String should|unable to|Value error|datetime|Path does|Errno|nothing that it can be|[{}']"
)


@pytest.mark.parametrize("field", Settings.model_fields)
def test_a_bad_value_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    for value in BAD:
        monkeypatch.setenv(f"BRIDGE_{field.upper()}", value)
        found = try_settings()
        if not isinstance(found, Settings):
            assert not [sentence for sentence in found if PYTHON.search(sentence)], (value, found)
            assert all(sentence.isprintable() and sentence.endswith(".") for sentence in found)
