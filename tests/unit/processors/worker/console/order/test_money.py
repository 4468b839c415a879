"""Money as a waterfall: exact texts, and bars that are near enough."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from processors.worker.console.order.money import BAR, MOST_METHODS, Waterfall, waterfalls
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import clock, fact, items, life, paid, payment, state_of, transaction

LARGE = "9" * 30 + ".25"


def of(*facts: object, **fields: object) -> list[Waterfall]:
    return list(waterfalls(OrderState.model_validate(state_of(*facts) | fields)))  # type: ignore[arg-type]


def rows(waterfall: Waterfall) -> dict[str, str]:
    return {bar.name: bar.amount for bar in waterfall.bars}


def test_an_order_whose_capture_and_refund_share_a_transaction() -> None:
    [found] = of(*life("cash_and_gift_card"))
    assert found.currency == "USD"
    assert rows(found) == {
        "grand total": "245.83",
        "authorized": "245.83",
        "captured": "245.83",
        "refunded": "82.52",
        "net": "163.31",
    }
    assert {method for method, _ in found.methods} == {"cash", "gift_card"}


def test_amounts_are_exact_whatever_their_length() -> None:
    [found] = of(paid("authorized", 1, "t1", LARGE), paid("captured", 2, "t2", LARGE))
    assert rows(found)["captured"] == LARGE
    assert {bar.length for bar in found.bars if bar.kind in {"authorized", "captured", "net"}} == {BAR}


def test_a_refund_hangs_from_what_was_captured() -> None:
    [found] = of(paid("captured", 1, "t1", 100), paid("refunded", 2, "t2", 25))
    bars = {bar.name: (bar.start, bar.length) for bar in found.bars}
    assert bars["captured"] == (0, BAR)
    assert bars["refunded"] == (BAR * 0.75, BAR * 0.25)
    assert bars["net"] == (0, BAR * 0.75)


def test_each_currency_has_its_own_and_the_order_s_comes_first() -> None:
    facts = [
        fact("order.opened", clock(0), currency="USD", grand_total=10, items=items("A")),
        paid("captured", 1, "t1", 10, currency="EUR"),
        paid("captured", 2, "t2", 10, currency="USD"),
    ]
    found = of(*facts)
    assert [each.currency for each in found] == ["USD", "EUR"]
    assert "grand total" not in rows(found[1])


def test_what_cannot_be_read_is_not_known() -> None:
    [found] = of(paid("captured", 1, "t1", "much"), paid("authorized", 2, "t2", 5))
    amounts = rows(found)
    assert (amounts["captured"], amounts["net"]) == ("-", "-")
    assert Decimal(amounts["authorized"]) == 5


def test_an_order_without_payments_has_its_total() -> None:
    [found] = of(fact("order.opened", clock(0), currency="EUR", grand_total=58, items=items("A")))
    assert rows(found) == {"grand total": "58"}


def test_what_was_cancelled_is_not_due() -> None:
    said = {"list_price": 30, "item_discounts": 0, "order_discounts": 0, "tax": 0, "quantity": 1}
    listed = [*items("A", **said | {"list_price": 70}), *items("B", **said)]
    opened = fact("order.opened", clock(0), items=listed, currency="EUR", grand_total=100, price_method="tax_excluded")
    cancelled = fact("order.items_cancelled", clock(1), items=items("B"))
    [found] = of(opened, cancelled, paid("captured", 2, "t", 70))
    assert dict(found.beside) == {"balance (due if above 0)": "30", "balance without cancelled items": "0"}
    [unread] = of(opened, cancelled, paid("captured", 2, "t", "much"), paid("authorized", 3, "t", 1))
    assert "balance without cancelled items" not in dict(unread.beside)
    in_part = state_of(opened, cancelled, paid("captured", 2, "t", 70))
    in_part["payment_sums"]["EUR"]["balance"] = None
    [lost] = waterfalls(OrderState.model_validate(in_part))
    assert "balance without cancelled items" not in dict(lost.beside)
    [other] = of(opened, cancelled, paid("captured", 2, "t", 70, currency="USD"))[1:]
    assert "balance without cancelled items" not in dict(other.beside)


def test_an_order_without_money_has_none() -> None:
    assert of(fact("order.created", clock(0))) == []


def test_many_tenders_are_bounded() -> None:
    several = payment("captured", 1, transaction("t", 1))
    [found] = of(several)
    sums = {"authorized": "0", "captured": "1", "voided": "0", "refunded": "0"}
    whole = {**sums, "open_authorization": "0", "net": "1", "balance": None}
    methods = {f"tender-{n}": sums for n in range(MOST_METHODS + 5)}
    [found] = of(several, payment_sums={"EUR": {**whole, "by_method": methods}})
    assert (len(found.methods), found.more_methods) == (MOST_METHODS, 5)


@given(
    st.lists(
        st.tuples(st.sampled_from(["authorized", "captured", "voided", "refunded"]), st.integers(1, 999)), max_size=6
    )
)
def test_bars_stay_within_the_drawing(steps: list[tuple[str, int]]) -> None:
    facts = [paid(action, second, f"t{second}", amount) for second, (action, amount) in enumerate(steps)]
    for found in of(fact("order.created", clock(0)), *facts):
        assert all(bar.start >= 0 and bar.length <= BAR + 1e-6 for bar in found.bars)
