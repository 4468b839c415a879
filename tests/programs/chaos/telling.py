"""Notes for the checker what Kafka loses of raw, while it happens."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from tests.programs.chaos.site import Site
from tests.programs.checker.losses import Loss
from tests.programs.checker.names import RAW


@contextmanager
def lost_by(site: Site, dataset: str, partitions: Collection[int]) -> Iterator[None]:
    """Note what is in the partitions before the block and not after it. Nothing may be written to them meanwhile."""
    if dataset != RAW:  # the checker does not look at it
        yield
        return
    records = {partition: site.deployment.records(RAW, partition) for partition in partitions}
    processed = site.deployment.committed(RAW)
    yield
    ends = site.deployment.ends(RAW)
    for partition, known in records.items():
        end, stands = ends[partition], processed[partition]
        lost = [record for record in known if record.offset >= end]
        site.diary.note(f"raw {partition} ends at {end}: {len(lost)} records lost, processed up to {stands}")
        site.losses.append(Loss(partition, end, lost, stands))
