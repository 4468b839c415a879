"""What NewStore would have done to the receiver, as a sentence for people. Pure."""

from collections.abc import Iterator

from commands.simulate.run import REJECTED_LIST, SendingResult


def verdict(outcome: SendingResult) -> str:
    """One sentence; it says so, too, if there is nothing to complain about."""
    if complaints := list(_complaints(outcome)):
        return f"NewStore would have {'; '.join(complaints)}."
    return f"NewStore would have delivered all {outcome.deliveries:,} without stopping the stream once."


def _complaints(outcome: SendingResult) -> Iterator[str]:
    if outcome.interruptions:
        yield f"stopped the stream {_times(outcome.interruptions)}, each time until a person starts it again"
    if outcome.overflowed:
        fit = f"of which {REJECTED_LIST} fit in its list and {outcome.overflowed:,} are lost"
        yield f"{outcome.rejected:,} rejected events, {fit}"
    elif outcome.rejected:
        yield f"{_events(outcome.rejected)} in its list of rejected ones (none lost)"
    if waiting := outcome.undelivered - outcome.rejected:
        yield f"{_events(waiting)} still waiting to be delivered"
    if throttled := outcome.answers["429"]:
        yield f"waited a minute {_times(throttled)} because of 429"
    if failed := outcome.answers["500"]:
        yield f"retried {_times(failed)} because of 500"


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count:,} events"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
