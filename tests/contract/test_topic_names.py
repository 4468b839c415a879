"""The topics' names, which downstream teams rely on."""

from schemas.topics import AGGREGATES, Topics


def test_the_topics_have_the_names_of_the_contract() -> None:
    topics = Topics("newstore")
    named = [
        topics.raw,
        topics.orders,
        topics.inventory,
        topics.customers,
        topics.employees,
        topics.cash_drawers,
        topics.gift_cards,
        topics.unknown,
        topics.order_state,
        topics.order_lines,
        topics.conflicts,
        topics.quarantine,
        topics.dedupe_changelog,
        topics.orders_changelog,
        topics.rules,
        topics.backfill,
    ]
    assert named == [
        "newstore.raw.v1",
        "newstore.orders.v1",
        "newstore.inventory.v1",
        "newstore.customers.v1",
        "newstore.employees.v1",
        "newstore.cash-drawers.v1",
        "newstore.gift-cards.v1",
        "newstore.unknown.v1",
        "newstore.order-state.v1",
        "newstore.order-lines.v1",
        "newstore.conflicts.v1",
        "newstore.quarantine.v1",
        "newstore.dedupe-changelog.v1",
        "newstore.orders-changelog.v1",
        "newstore.rules.v1",
        "newstore.backfill.v1",
    ]


def test_each_aggregate_has_its_cleaned_topic() -> None:
    assert Topics("a.b").cleaned == {aggregate: f"a.b.{aggregate}.v1" for aggregate in AGGREGATES}
