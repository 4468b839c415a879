"""Faust's assignor, without an assertion that a restarted static member cannot meet."""

import logging
from typing import Any

from faust.assignor.partition_assignor import PartitionAssignor

log = logging.getLogger(__name__)


class LaneAssignor(PartitionAssignor):
    """Kafka gives a static member that comes back its old assignment, with the address it had then. Upstream asserts
    that it is still the same, which ends the coordination task; here the others learn it with the next rebalance."""

    def on_assignment(self, assignment: Any) -> None:
        """As upstream, but for the address."""
        try:
            super().on_assignment(assignment)
        except AssertionError:
            assigned = sorted(self._assignment.kafka_protocol_assignment(self._table_manager))
            if sorted(assignment.assignment) != assigned:
                raise
            log.warning("our address has changed; order queries may miss us until the next rebalance")
