"""The events in an order's document, and what is contradictory, odd or missing about them."""

from pydantic import Field

from schemas.order_state.values import AttentionKind, ContradictionKind, Instant, Part


class Invoice(Part):
    """One invoice. NewStore publishes no list of its fields, so only its time is known."""

    published_at: Instant | None = Field(description="When `invoice.created` was published; UTC.")


class TimelineEntry(Part):
    """One fact of the order. `source` is `<raw partition>:<raw offset>`. `published_at` is null if its value is no
    time."""

    event: str = Field(description="The event's name.")
    key: str = Field(description="The event's key, which is the last part of its `ce_id`.")
    published_at: Instant | None = Field(
        description="When NewStore published the event; UTC. Null if the value is no time."
    )
    received_at: Instant = Field(description="When the bridge received the event; UTC.")
    source: str = Field(description="The place of the body: `<partition>:<offset>` in the raw topic.")


class ContradictingFact(TimelineEntry):
    """A timeline entry with the payload hash that distinguishes it from the facts that it contradicts."""

    payload_hash: str = Field(
        description="The hash that distinguishes payloads under one key: `v1:` and 32 hex digits."
    )


class Contradiction(Part):
    """Facts that cannot all be true, side by side in canonical order. The document does not decide between them.

    `subject` is the item or the payment that the facts disagree about. It is null if they disagree about the order.
    """

    kind: ContradictionKind | str = Field(description="The kind of contradiction.")
    subject: str | None = Field(
        default=None, description="The item or payment that the facts disagree about; null means the order."
    )
    facts: list[ContradictingFact] = Field(description="The facts, in canonical order.")


class Attention(Part):
    """A finding: a possible situation that somebody should look at. `subject` is a payment, an instrument or a
    currency."""

    kind: AttentionKind | str = Field(description="The kind of finding.")
    subject: str = Field(description="The payment, instrument or currency that the finding is about.")


class UnprocessedFact(Part):
    """An event whose payload the worker could not use, and the reason."""

    event: str = Field(description="The event's name.")
    key: str = Field(description="The event's key, which is the last part of its `ce_id`.")
    source: str = Field(description="The place of the body: `<partition>:<offset>` in the raw topic.")
    reason: str = Field(
        description="The reason: an exception's class and message, or the class alone if a setting withholds the"
        " message."
    )


class AcknowledgedGap(Part):
    """An event that nobody waits for any more: its name as in `missing` or `stalled`, the reason, who gave it, and
    when."""

    name: str = Field(description="The event, by its name in `missing` or `stalled`.")
    reason: str = Field(description="Why nobody waits for the event, and who said so. Empty if a setting withholds it.")
    at: Instant = Field(description="When the event was set aside; UTC.")
