"""What NewStore would have done, in one sentence."""

import pytest

from commands.simulate.run import SendingResult
from commands.simulate.verdict import verdict


def outcome(*statuses: int, **counts: int) -> SendingResult:
    settled = statuses.count(200) + statuses.count(400)
    made = SendingResult(**{"deliveries": settled, **counts})  # type: ignore[arg-type]
    for status in statuses:
        made.answered(status)
    return made


@pytest.mark.parametrize(
    ("said", "part"),
    [
        (outcome(200), "delivered all 1 without stopping the stream once"),
        (outcome(interruptions=1), "stopped the stream once"),
        (outcome(interruptions=1200), "stopped the stream 1,200 times"),
        (outcome(400), "1 event in its list of rejected ones (none lost)"),
        (outcome(*[400] * 30), "30 events in its list of rejected ones (none lost)"),
        (outcome(*[400] * 32), "32 rejected events, of which 30 fit in its list and 2 are lost"),
        (outcome(200, 400, deliveries=4, given_up=1), "2 events still waiting to be delivered"),
        (outcome(429, 429), "waited a minute 2 times because of 429"),
        (outcome(500), "retried once because of 500"),
    ],
)
def test_it_says_what_happened(said: SendingResult, part: str) -> None:
    assert part in verdict(said)


def test_it_says_everything_in_one_sentence() -> None:
    sentence = verdict(outcome(400, 500, interruptions=2))
    assert sentence.startswith("NewStore would have stopped the stream 2 times")
    assert "; 1 event in its list" in sentence
    assert sentence.endswith("; retried once because of 500.")
