"""What a change of a published document does to those who read the topics."""

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """Ordered from what nobody may do by accident to what nobody notices."""

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    DOCS_ONLY = "docs only"


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: `pointer` is a JSON pointer into the published `file`, `$ref`s followed; `what` a short sentence."""

    effect: Effect
    file: str
    pointer: str
    what: str
