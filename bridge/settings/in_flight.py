"""What bodies take of `BRIDGE_INGRESS_MAX_IN_FLIGHT_BYTES`: the settings are held against it, and the ingress counts by
it."""

from typing import Final

COPIES: Final = 4
"""A byte of a request counts so often: as it was received, read, in a batch, and compressed on its way to Kafka."""
LARGE_BYTES: Final = 1 << 20
LARGE_SHARE: Final = (3, 4)
"""Of the limit: what larger bodies may take together. The rest is for ordinary ones."""


def least_in_flight_bytes(largest_body: int) -> int:
    """The smallest limit with which such a body is taken while an ordinary one is in flight."""
    both = (largest_body + min(largest_body, LARGE_BYTES)) * COPIES
    return -(-both * LARGE_SHARE[1] // LARGE_SHARE[0]) if largest_body > LARGE_BYTES else both
