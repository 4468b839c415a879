"""What somebody should know first of an order, the worst first: one finding a line."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from schemas.order_state import ContradictingFact, OrderState


class Severity(StrEnum):
    """How urgent a finding is."""

    ALARM = "alarm"
    WARNING = "warning"
    NOTE = "note"


class Finding(NamedTuple):
    """`label` is the kind of finding, in one or two words; `facts` contradict each other and stand side by side."""

    label: str
    text: str
    severity: Severity
    facts: Sequence[ContradictingFact] = ()


_CONTRADICTION: Final = "contradiction"


def findings(state: OrderState) -> Iterator[Finding]:
    """Yield what is wrong with an order, or may be."""
    for contradiction in state.contradictions:
        subject = "" if contradiction.subject is None else f" of {contradiction.subject}"
        yield Finding(_CONTRADICTION, f"{contradiction.kind}{subject}", Severity.ALARM, contradiction.facts)
    for fact in state.unprocessed:
        yield Finding("unprocessed", f"{fact.event} {fact.source}: {fact.reason}", Severity.ALARM)
    aside = {gap.name for gap in state.acknowledged}
    for name in state.missing:
        severity = Severity.ALARM if state.incomplete else Severity.WARNING
        yield Finding("missing", name, Severity.NOTE if name in aside else severity)
    for name in state.stalled:
        yield Finding("stalled", name, Severity.WARNING)
    for each in state.attention:
        yield Finding("attention", f"{each.kind}: {each.subject}", Severity.WARNING)
    for name in state.suspected:
        yield Finding("suspected", name, Severity.WARNING)
    for gap in state.acknowledged:
        yield Finding("set aside", f"{gap.name}: {gap.reason}", Severity.NOTE)
    if state.truncated:
        text = f"{', '.join(state.truncated)}: the document would be too large"
        yield Finding("left out", text, Severity.NOTE)
    if unknown := [name for name in OrderState.model_fields if name not in state.model_fields_set]:
        yield Finding("not known", f"{', '.join(unknown)}: an older version wrote the document", Severity.NOTE)


def worst(state: OrderState) -> Severity:
    """Return the severity that colours the verdict, NOTE if all is well. The colour says nothing that words do not."""
    if state.incomplete or state.contradictions or state.unprocessed:
        return Severity.ALARM
    if state.provisional or state.stalled or state.attention or state.suspected:
        return Severity.WARNING
    return Severity.NOTE
