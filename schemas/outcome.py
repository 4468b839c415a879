"""What becomes of a raw record: the words of the contract, for those who decide, recount and foretell it."""

from enum import StrEnum


class Outcome(StrEnum):
    """Every raw record has exactly one; values of the metrics' label `outcome`."""

    UNIQUE = "unique"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"
