"""Puts a mark beside the tables of a halted lane: they may have what Kafka has lost, so nothing removes them."""

import logging
from collections.abc import Mapping
from pathlib import Path

from faust.types import TP

from processors.engine.observer import LaneState, Observer

log = logging.getLogger(__name__)


def _mark(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}.halted")


def has_halted(directory: Path) -> bool:
    """Whether a lane with this table's directory has halted here and not run since."""
    return _mark(directory).exists()


class HaltMarks:
    """An observer that keeps the marks and passes on what it is told. ``sources``: source topic -> names of its
    tables."""

    def __init__(self, observer: Observer, data_dir: Path, sources: Mapping[str, tuple[str, ...]]) -> None:
        self._data_dir, self._sources = data_dir, sources
        self._observer = observer
        self.unit_committed, self.record_refused = observer.unit_committed, observer.record_refused
        self.purged, self.recovered, self.passed_over = observer.purged, observer.recovered, observer.passed_over

    def lane_state(self, tp: TP, state: LaneState) -> None:
        """See observer."""
        self._observer.lane_state(tp, state)
        for name in self._sources[tp.topic]:
            mark = _mark(self._data_dir / name / str(tp.partition))
            try:
                if state is LaneState.HALTED:
                    mark.parent.mkdir(parents=True, exist_ok=True)
                    mark.touch()
                elif state is LaneState.READY:
                    mark.unlink(missing_ok=True)
            except OSError as error:
                log.warning("%s: the mark of a halted lane cannot be changed: %s", mark, error)
