"""Hypothesis strategies: JSON texts in every spelling, and nearly JSON."""

import json

from hypothesis import strategies as st

_WHITE_SPACE = st.sampled_from(["", "", "", " ", "\n", "\t\r "])
_NUMBERS = st.one_of(
    st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-100, 100, places=2).map(str),
    st.integers(-(2**65), 2**65).map(str),
    st.sampled_from(["-0", "-0.0", "0.00", "5.0", "0.00001", "0.000001", "1e16", "NaN", "Infinity", "-Infinity"]),
)
_CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='"\\')
_ESCAPES = st.one_of(
    st.sampled_from([r"\"", r"\\", r"\/", r"\b", r"\f", r"\n", r"\r", r"\t"]),
    st.integers(0, 0xFFFF).map("\\u{:04x}".format),
    st.integers(0xD800, 0xDFFF).map("\\u{:04X}".format),
)
_FRAGMENTS = st.one_of(_CHARACTERS, _CHARACTERS, _ESCAPES, st.sampled_from([": 1.50,", "[", "}", "-0", "3e4"]))
_STRINGS = st.lists(_FRAGMENTS, max_size=6).map(lambda fragments: '"' + "".join(fragments) + '"')
_KEYS = st.one_of(st.sampled_from(['"a"', '"b"', r'"\u0061"']), _STRINGS)  # so equal keys are frequent
_SCALARS = st.one_of(_NUMBERS, _NUMBERS, _STRINGS, st.sampled_from(["true", "false", "null"]))


def _padded(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(_WHITE_SPACE, texts, _WHITE_SPACE).map("".join)


def _arrays(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(_padded(values), max_size=5).map(lambda members: f"[{','.join(members)}]")


def _objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    members = st.tuples(_padded(_KEYS), _padded(values)).map(":".join)
    return st.lists(members, max_size=5).map(lambda pairs: f"{{{','.join(pairs)}}}")


json_texts: st.SearchStrategy[str] = _padded(
    st.recursive(_SCALARS, lambda values: st.one_of(_arrays(values), _objects(values)), max_leaves=12)
)
"""Texts that are JSON: duplicate keys, odd numbers, needless escapes and lone surrogates included."""

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**65), 2**65) | st.floats() | st.text(max_size=8),
    lambda values: st.lists(values, max_size=5) | st.dictionaries(st.text(max_size=3), values, max_size=5),
    max_leaves=12,
)
machine_written: st.SearchStrategy[str] = st.builds(
    json.dumps, _VALUES, indent=st.sampled_from([None, 2]), ensure_ascii=st.booleans()
)
"""Texts as programs write them: most need no exact reading."""


@st.composite
def nearly_json(draw: st.DrawFn) -> str:
    """Draw a JSON text with a character or two taken out, put in or replaced."""
    text = draw(json_texts)
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(text)))
        put_in = draw(st.sampled_from(["", "", '"', "\\", "0", "-", ".", "e", ",", "]", "{", "\x00", "\n", "N", "+"]))
        text = text[:at] + put_in + text[at + draw(st.integers(0, 1)) :]
    return text
