"""What a worker's page tells of open transactions."""

from tests.deploy.observability.open_transactions import behind_one


def page(high: int, stable: int) -> str:
    at = '{partition="1",topic="newstore.orders.v1"}'
    return (
        "# TYPE bridge_source_high_watermark_offset gauge\n"
        f"bridge_source_high_watermark_offset{at} {high}\n"
        "# TYPE bridge_source_last_stable_offset gauge\n"
        f"bridge_source_last_stable_offset{at} {stable}\n"
    )


def test_a_partition_whose_ends_differ_is_behind_a_transaction() -> None:
    assert behind_one(page(9, 7)) == {"newstore.orders.v1/1"}
    assert behind_one(page(9, 9)) == set()


def test_who_has_no_source_is_behind_none() -> None:
    assert behind_one("") == set()
