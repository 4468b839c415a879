"""What NewStore would have done about the receiver's answers, as a sentence. Pure."""

from collections.abc import Iterator

from commands.simulate.run import REJECTED_LIST, SendingResult


def verdict(result: SendingResult) -> str:
    """One sentence, also if there is nothing to complain about."""
    if complaints := list(_complaints(result)):
        return f"NewStore would have {'; '.join(complaints)}."
    return f"NewStore would have delivered all {result.deliveries:,} without stopping the stream once."


def _complaints(result: SendingResult) -> Iterator[str]:
    if result.interruptions:
        yield f"stopped the stream {_times(result.interruptions)}, each time until a person starts it again"
    if result.overflowed:
        fit = f"of which {REJECTED_LIST} fit in its list and {result.overflowed:,} are lost"
        yield f"{result.rejected:,} rejected events, {fit}"
    elif result.rejected:
        yield f"{_events(result.rejected)} in its list of rejected ones (none lost)"
    if waiting := result.undelivered - result.rejected:
        yield f"{_events(waiting)} still waiting to be delivered"
    if throttled := result.answers["429"]:
        yield f"waited a minute {_times(throttled)} because of 429"
    if failed := result.answers["500"]:
        yield f"retried {_times(failed)} because of 500"


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count:,} events"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
