"""An order's money: authorised, captured, voided and refunded, never more than there is."""

from collections.abc import Callable, Sequence

from commands.simulate.event import Event, Json
from commands.simulate.order import Events, Instrument, Order
from commands.simulate.prices import decimal_money


def authorized(order: Order) -> Events:
    """The whole amount is authorised."""
    for instrument in order.instruments:
        instrument.authorized = instrument.budget
    yield _moved(order, "amount_authorized", [(each, each.budget) for each in order.instruments])


def captured(order: Order, cents: int) -> Events:
    """This part of the authorised money is captured."""
    parts = _spread(order, cents, _reserved)
    for instrument, part in parts:
        instrument.captured += part
    yield _moved(order, "amount_captured", parts)


def rest_voided(order: Order) -> Events:
    """The authorised money that was not captured is voided, if there is any."""
    parts = _spread(order, sum(map(_reserved, order.instruments)), _reserved)
    for instrument, part in parts:
        instrument.voided += part
    if parts:
        yield _moved(order, "amount_voided", parts)


def refunded(order: Order, cents: int, correlation_id: str) -> Events:
    """This amount is refunded."""
    parts = _spread(order, cents, _taken)
    for instrument, part in parts:
        instrument.refunded += part
    yield _moved(order, "amount_refunded", parts, correlation_id)


def refundable(order: Order) -> int:
    """What was captured and not refunded, in cents."""
    return sum(map(_taken, order.instruments))


def _reserved(instrument: Instrument) -> int:
    return instrument.authorized - instrument.captured - instrument.voided


def _taken(instrument: Instrument) -> int:
    return instrument.captured - instrument.refunded


def _spread(order: Order, cents: int, available: Callable[[Instrument], int]) -> list[tuple[Instrument, int]]:
    """Spread an amount over the instruments, as much as possible on the first. ValueError: they have less."""
    parts = []
    for instrument in order.instruments:
        part = min(cents, available(instrument))
        cents -= part
        if part:
            parts.append((instrument, part))
    if cents:
        raise ValueError(f"{cents} cents more than there are")
    return parts


def _moved(
    order: Order, action: str, parts: Sequence[tuple[Instrument, int]], correlation_id: str | None = None
) -> Event:
    payload = {
        "id": order.id,
        "order_id": order.id,
        "transactions": [_transaction(order, *part, correlation_id or order.id) for part in parts],
        "instruments": [_instrument(instrument) for instrument, _ in parts],
    }
    return order.time.event(f"payment_account.{action}", payload)


def _transaction(order: Order, instrument: Instrument, cents: int, correlation_id: str) -> Json:
    return {
        "id": order.time.id(),
        "instrument_id": instrument.id,
        "amount": decimal_money(cents),
        "currency": order.market.currency,
        "correlation_id": correlation_id,
        **({"extended_attributes": []} if order.time.happens(0.3) else {}),
    }


def _instrument(instrument: Instrument) -> Json:
    is_card = instrument.method == "credit_card"
    return {
        "id": instrument.id,
        "payment_method": instrument.method,
        "payment_wallet": "",
        "payment_provider": "adyen" if is_card else "gift_card_provider",
    }
