"""Compares the outputs that a raw record must have with those that the topics hold. Pure."""

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
"""Examples kept of each kind of fault."""


class Fault(StrEnum):
    """What can be wrong with an output."""

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
    """All counts. It has no durations or times, except `since_ms`: earlier records (milliseconds since 1970) were not
    read.

    Not compared:
    - `before_watermark`: raw records older than what retention has left in a topic that they may have led to.
    - `before_migration`: raw records processed under other rules.
    - `pending`: raw records not processed yet. `orders_pending`: cleaned records not folded yet. Both count records
      deleted before that.
    - `unreadable`: damaged records of raw; in other topics, they count as missing.
    - What `open_transactions` hide counts as neither processed nor found. `hides_documents`: some of them are in
      `order-state`.

    `conflicts_passed`: conflicts that must be in a cleaned topic, too. By reason: `quarantined_by_ingress` (at least
    once) and `quarantined_by_backfill` were never raw records; `quarantined_later` was refused behind dedupe. Each of
    `orders_without_document` also counts as lost.
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
        """Whether everything can be read and is processed, and each record has exactly the outputs of its outcome."""
        is_processed = not (self.pending or self.orders_pending or self.open_transactions)
        return is_processed and not (self.faults.total() or self.unreadable)

    def enter(self, source: Source, possible: Sequence[Expected], found: Sequence[Output]) -> Expected:
        """Book a raw record under the possible outcome that fits its outputs, else under the first one, with faults."""
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
        """Count faults, and keep examples."""
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
    """A fault for each output that no outcome explains."""
    return [_finding(Fault.UNEXPECTED, source, f"nothing explains its record in {o.topic}") for o in outputs]


def _finding(fault: Fault, source: Source | None, detail: str) -> Finding:
    return Finding(fault, "no source" if source is None else str(source), detail)
