"""Takes the end of a log away, on the files of a broker that is down: as a disk loses what was never written to it."""

from pathlib import Path

from tests.integration.waiting import wait_until
from tests.programs.chaos.site import Site
from tests.programs.chaos.telling import lost_by


def lose_end(site: Site, dataset: str, partition: int, size: int) -> None:
    """Kill the lone broker, and start it without so many bytes of the partition. Nothing may be written meanwhile."""
    (node,) = site.cluster.nodes.values()
    assert node.directory is not None, "a broker without data"
    with lost_by(site, dataset, [partition]):
        node.kill()
        wait_until("it has ended", lambda: not node.is_running())
        cut_end(node.directory, site.deployment.names.topic(dataset), partition, size)
        site.cluster.start(node)


def cut_end(broker: Path, topic: str, partition: int, size: int) -> None:
    """Cut so many bytes, or all, off the newest segment. The broker finds a batch that is not whole, and ends its log
    before it."""
    newest = max((broker / "log" / f"{topic}-{partition}").glob("*.log"))
    with newest.open("r+b") as log:
        log.truncate(max(0, newest.stat().st_size - size))
