"""Every way in which outputs can be wrong is distinguished, and none is forgiven."""

import pytest

from bridge.kafka.reading import Source
from commands.verify.balance import EXAMPLES, Fault, Ledger, compare, unexpected
from commands.verify.expected import Expected
from commands.verify.outputs import Output
from schemas.outcome import Outcome

SOURCE = Source(3, 17)
ORDER, ALTERED = Output("orders", b"a"), Output("orders", b"b")
EVIDENCE, STRAY = Output("conflicts", b"c"), Output("customers", b"a")

UNIQUE = Expected(Outcome.UNIQUE, (ORDER,))
DUPLICATE = Expected(Outcome.DUPLICATE, ())
CONFLICT = Expected(Outcome.CONFLICT, (EVIDENCE, ORDER))


@pytest.mark.parametrize(
    ("expected", "found", "faults"),
    [
        ((ORDER,), (ORDER,), []),
        ((EVIDENCE, ORDER), (ORDER, EVIDENCE), []),
        ((ORDER,), (), [Fault.LOST]),
        ((ORDER,), (ORDER, ORDER, ORDER), [Fault.DUPLICATED, Fault.DUPLICATED]),
        ((ORDER,), (ALTERED,), [Fault.ALTERED]),
        ((ORDER,), (ALTERED, ORDER), [Fault.DUPLICATED]),
        ((ORDER,), (STRAY,), [Fault.WRONG_TOPIC]),
        ((ORDER,), (ORDER, STRAY), [Fault.UNEXPECTED]),
        ((), (ORDER,), [Fault.UNEXPECTED]),
        ((EVIDENCE, ORDER), (EVIDENCE,), [Fault.LOST]),
    ],
)
def test_each_fault_has_its_name(expected: tuple[Output, ...], found: tuple[Output, ...], faults: list[Fault]) -> None:
    assert [finding.fault for finding in compare(SOURCE, expected, found)] == faults


def test_a_finding_names_the_raw_record() -> None:
    (finding,) = compare(SOURCE, [ORDER], [])
    assert finding.source == "3:17"


def test_a_fitting_record_is_counted_and_balances() -> None:
    ledger = Ledger()
    ledger.enter(SOURCE, (UNIQUE,), (ORDER,))
    ledger.enter(SOURCE, (DUPLICATE,), ())
    ledger.enter(SOURCE, (CONFLICT,), (EVIDENCE, ORDER))
    assert (ledger.raw, ledger.conflicts_passed, ledger.balanced) == (3, 1, True)
    assert set(ledger.outcomes.values()) == {1}


def test_a_fault_unbalances() -> None:
    ledger = Ledger()
    ledger.enter(SOURCE, (UNIQUE,), ())
    assert not ledger.balanced
    assert ledger.faults[Fault.LOST] == 1


def test_of_several_possible_outcomes_the_topics_decide() -> None:
    ledger = Ledger()
    assert ledger.enter(SOURCE, (UNIQUE, DUPLICATE), ()) is DUPLICATE
    assert ledger.balanced


def test_unprocessed_records_do_not_balance() -> None:
    assert not Ledger(pending=1).balanced
    assert not Ledger(orders_pending=1).balanced


def test_examples_are_limited_and_counts_are_not() -> None:
    ledger = Ledger()
    ledger.note(unexpected(SOURCE, [ORDER] * 3 * EXAMPLES))
    assert len(ledger.examples) == EXAMPLES
    assert ledger.faults[Fault.UNEXPECTED] == 3 * EXAMPLES
