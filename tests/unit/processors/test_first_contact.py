"""Which configurations of a changelog lose rows."""

import pytest

from bridge.topics import ConfigChange
from processors.first_contact import drops_rows


@pytest.mark.parametrize(
    ("name", "actual", "wanted", "dropped"),
    [
        ("retention.ms", "999", "1000", True),
        ("retention.ms", "1001", "1000", False),
        ("retention.ms", "-1", "1000", False),  # for ever
        ("retention.bytes", "1000000000", "-1", True),
        ("cleanup.policy", "compact", "compact,delete", False),
        ("cleanup.policy", "delete", "compact,delete", False),  # by the same age
        ("cleanup.policy", "compact,delete", "compact", True),
        ("cleanup.policy", None, "compact", True),  # Kafka's default
        ("max.message.bytes", "5", "1000", False),
    ],
)
def test_rows_are_dropped_by_age_and_size_only(name: str, actual: str | None, wanted: str, dropped: bool) -> None:
    assert drops_rows(ConfigChange("changelog", name, actual, wanted)) is dropped
