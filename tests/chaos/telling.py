"""What Kafka loses of raw, noted for the checker while it happens."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.site import Site
from tests.checker.losses import Loss
from tests.checker.names import RAW


@contextmanager
def lost_by(site: Site, dataset: str, partition: int) -> Iterator[None]:
    """What is in the partition before the block and not after it; nothing may be written to it meanwhile."""
    if dataset != RAW:  # the checker does not look at it
        yield
        return
    records = site.deployment.records(RAW, partition)
    processed = site.deployment.committed(RAW)[partition]
    yield
    end = site.deployment.ends(RAW)[partition]
    lost = [record for record in records if record.offset >= end]
    site.diary.note(f"raw {partition} ends at {end}: {len(lost)} records lost, processed up to {processed}")
    site.losses.append(Loss(partition, end, lost, processed))
