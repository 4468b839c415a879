"""Key rules and tables of any kind, for hypothesis."""

from typing import Final

from hypothesis import strategies as st

from schemas.key_rule import KeyPath, KeyRule

_PATHS: Final = st.lists(st.sampled_from(["id", "a.b", "t[].id"]).map(KeyPath.parse), unique=True).map(tuple)

RULES: Final = st.builds(KeyRule, _PATHS, st.booleans(), st.booleans()).filter(lambda rule: rule.paths or rule.content)
LISTED: Final = st.dictionaries(st.sampled_from("abcdef"), RULES)
"""What a key table lists, the content key included."""
