"""Comparing what had to become of a raw record with what the topics hold. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bridge.kafka.open_transactions import OpenTransaction
from bridge.kafka.reading import Source
from commands.terminal.damage import Damage
from commands.verify.expected import Expected
from commands.verify.outputs import Output
from schemas.outcome import Outcome

EXAMPLES: Final = 10
"""So many counter-examples of each kind are kept."""


class Fault(StrEnum):
    """What can be wrong with one output."""

    LOST = "lost"
    DUPLICATED = "duplicated"
    UNEXPECTED = "unexpected"
    WRONG_TOPIC = "wrong topic"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault; `source` is `<raw partition>:<raw offset>`, `detail` a sentence."""

    fault: Fault
    source: str
    detail: str


@dataclass(slots=True)
class Ledger:
    """The count of everything; durations and times appear nowhere.

    `before_watermark` raw records are older than what retention has left in a topic that they may have led to,
    `before_migration` ones were processed under other rules, `pending` ones are not processed yet: none of them is
    compared. `orders_pending` cleaned records are not folded yet. Both count what was deleted before that.
    `conflicts_passed` counts the conflicts that had to be in a cleaned topic, too. `quarantined_by_ingress` (at least
    once) and `quarantined_by_backfill` never were raw records, and `quarantined_later` was refused behind the dedupe
    stage; all by reason. What is `unreadable` in raw is not compared, in another topic it counts as not there. What
    `open_transactions` hide is neither processed nor found; `hides_documents`: some of them are of `order-state`. What
    was received before `since_ms` (milliseconds since 1970) was not read. Of `orders_without_document` each counts as
    lost, too.
    """

    since_ms: int | None = None
    raw: int = 0
    before_watermark: int = 0
    before_migration: int = 0
    pending: int = 0
    orders_pending: int = 0
    orders_without_document: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    conflicts_passed: int = 0
    quarantined_by_ingress: Counter[str] = field(default_factory=Counter)
    quarantined_by_backfill: Counter[str] = field(default_factory=Counter)
    quarantined_later: Counter[str] = field(default_factory=Counter)
    faults: Counter[Fault] = field(default_factory=Counter)
    examples: list[Finding] = field(default_factory=list)
    unreadable: list[Damage] = field(default_factory=list)
    open_transactions: list[OpenTransaction] = field(default_factory=list)
    hides_documents: bool = False

    @property
    def balanced(self) -> bool:
        """Everything can be read and is processed, and each outcome has exactly the outputs that it must have."""
        is_processed = not (self.pending or self.orders_pending or self.open_transactions)
        return is_processed and not (self.faults.total() or self.unreadable)

    def enter(self, source: Source, possible: Sequence[Expected], found: Sequence[Output]) -> Expected:
        """Book one raw record: the possible outcome that the outputs fit, else the first one with its faults."""
        for expected in possible:
            if Counter(expected.outputs) == Counter(found):
                break
        else:
            expected = possible[0]
            self.note(compare(source, expected.outputs, found))
        self.raw += 1
        self.outcomes[expected.outcome] += 1
        self.conflicts_passed += expected.outcome is Outcome.CONFLICT and len(expected.outputs) > 1
        return expected

    def note(self, findings: Iterable[Finding]) -> None:
        """Book faults."""
        for finding in findings:
            self.faults[finding.fault] += 1
            if self.faults[finding.fault] <= EXAMPLES:
                self.examples.append(finding)


def compare(source: Source, expected: Iterable[Output], found: Iterable[Output]) -> list[Finding]:
    """The faults of one raw record's outputs."""
    wanted, rest = {output.topic: output for output in expected}, list(found)
    findings, missing = [], []
    for topic, output in wanted.items():
        here = [other for other in rest if other.topic == topic]
        rest = [other for other in rest if other.topic != topic]
        if not here:
            missing.append(topic)
        elif output not in here:
            findings.append(_finding(Fault.ALTERED, source, f"its record in {topic} has another key, value or id"))
        findings += [_finding(Fault.DUPLICATED, source, f"it is in {topic} more than once")] * (len(here) - 1)
    for topic in missing:
        if rest:
            elsewhere = rest.pop(0).topic
            findings.append(_finding(Fault.WRONG_TOPIC, source, f"it is in {elsewhere} instead of {topic}"))
        else:
            findings.append(_finding(Fault.LOST, source, f"it is missing in {topic}"))
    return findings + unexpected(source, rest)


def unexpected(source: Source | None, outputs: Iterable[Output]) -> list[Finding]:
    """One fault for each output that no outcome explains."""
    return [_finding(Fault.UNEXPECTED, source, f"nothing explains its record in {o.topic}") for o in outputs]


def _finding(fault: Fault, source: Source | None, detail: str) -> Finding:
    return Finding(fault, "no source" if source is None else str(source), detail)
