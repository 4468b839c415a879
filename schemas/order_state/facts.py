"""The events that an order's document is made of, and what they leave open."""

from pydantic import Field

from schemas.order_state.values import AttentionKind, ContradictionKind, Instant, Part


class Invoice(Part):
    """One invoice; NewStore publishes no field list, so it is known by its instant."""

    published_at: Instant | None = Field(description="When `invoice.created` was published; UTC.")


class TimelineEntry(Part):
    """One fact of the order; `source` is `<raw partition>:<raw offset>`, `published_at` null if it was no time."""

    event: str = Field(description="The event's name.")
    key: str = Field(description="The event's key: the last part of its `ce_id`.")
    published_at: Instant | None = Field(description="When NewStore published it, UTC; null if it was no time.")
    received_at: Instant = Field(description="When the bridge received it; UTC.")
    source: str = Field(description="Where the body is: `<partition>:<offset>` in the raw topic.")


class ContradictingFact(TimelineEntry):
    """A timeline entry with what tells it from its rivals."""

    payload_hash: str = Field(description="What tells payloads under one key apart: `v1:` and 32 hex digits.")


class Contradiction(Part):
    """Facts that cannot all be true, side by side in canonical order; nothing is decided between them here.

    `subject` is the item or the payment that they disagree about, null if it is the order.
    """

    kind: ContradictionKind | str = Field(description="What they disagree about.")
    subject: str | None = Field(default=None, description="The item or payment in question; null: the order.")
    facts: list[ContradictingFact] = Field(description="The facts, in canonical order.")


class Attention(Part):
    """What is possible, and somebody should look at; `subject` is a payment, an instrument or a currency."""

    kind: AttentionKind | str = Field(description="What to look at.")
    subject: str = Field(description="The payment, instrument or currency that it is about.")


class UnprocessedFact(Part):
    """A fact whose payload could not be used, and why."""

    event: str = Field(description="The event's name.")
    key: str = Field(description="The event's key: the last part of its `ce_id`.")
    source: str = Field(description="Where the body is: `<partition>:<offset>` in the raw topic.")
    reason: str = Field(
        description="Why it could not be used: an exception's class and message; the class alone if a setting "
        "withholds the rest."
    )


class AcknowledgedGap(Part):
    """An event that nobody waits for any more: its name as in `missing` or `stalled`, who said why, and when."""

    name: str = Field(description="The event, as `missing` or `stalled` names it.")
    reason: str = Field(description="Why nobody waits for it, and who said so; empty if a setting withholds it.")
    at: Instant = Field(description="When that was said; UTC.")
