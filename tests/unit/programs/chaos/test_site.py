"""Which lanes count as halted, by what the workers tell at one moment."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from tests.programs.chaos.site import Site
from tests.programs.checker.names import RAW

LANE = ("acme.raw", 2)


class Told:
    """What a worker tells of its only lane, from moment to moment."""

    def __init__(self, *states: str) -> None:
        self._states = list(states)

    def status(self, _path: str) -> int:
        return 200 if self._states[0] == "ready" else 503

    def lanes(self, state: str = "ready") -> set[tuple[str, int]]:
        return {LANE} if state == self._states[0] else set()

    def go_on(self) -> None:
        del self._states[0]


def site_of(worker: Told, directory: Path) -> Site:
    """A site that may lose something."""
    names = SimpleNamespace(topic=lambda dataset: f"acme.{dataset}")
    site = Site(cast("Any", None), cast("Any", SimpleNamespace(names=names)), directory, static=True)
    site.losing, site.workers = True, {"worker-0": cast("Any", worker)}
    return site


def test_a_lane_that_has_halted_and_is_tried_again_is_halted_until_it_runs(tmp_path: Path) -> None:
    worker = Told("opening", "halted", "opening", "halted", "opening", "ready", "opening")
    site, found = site_of(worker, tmp_path), []
    for _ in range(7):
        found.append(site.halted())
        worker.go_on()
    assert found == [set(), *[{(RAW, 2)}] * 4, set(), set()]
