"""Which alerts a fault raises that was made with real processes, as promtool says of what they told."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.observability.promtool_cases import case, check, expected
from tests.deploy.observability.scrapes import Scrapes

_LONG: Final = 150
"""Samples, a minute each, for which a fault goes on: the most patient alert wants an hour."""
_WELL: Final = 5
"""Samples for which all was well."""
_CHANCE: Final = "BridgeTransactionOpen"
"""A sample may be taken while a transaction is open, and stands for minutes here."""


class Alarms:
    """`was_well(...)`, then `look(...)` once or more, then `assert_raised(...)`; pages are those of `/metrics`.

    Each question is a subtest, which is skipped where promtool is not installed.
    """

    def __init__(self, subtests: pytest.Subtests, directory: Path) -> None:
        self._subtests, self._directory = subtests, directory
        self._scrapes = Scrapes()

    def anew(self) -> "Alarms":
        """For another fault of the same test."""
        return Alarms(self._subtests, self._directory)

    def was_well(self, **pages: str | None) -> None:
        """Before anything happens."""
        self.look(_WELL, **pages)

    def look(self, then: int = 0, **pages: str | None) -> None:
        """A sample of each, and so many more that go on as since the look before."""
        self._scrapes.look(then, **pages)

    def goes_on(self, **pages: str | None) -> None:
        """A last sample, and that for as long as any alert may want."""
        self.look(_LONG, **pages)

    def assert_raised(
        self, *alerts: str, others: Collection[str] = (), minutes: int = 1, quiet: bool = True, **scaled: float
    ) -> None:
        """With the last sample exactly these fire: `BridgeKafkaAway critical`; ``quiet``: and none with the last one of
        those for which all was well. ``others``: names of alerts that may fire with the last one, too; an open
        transaction may at any time, unless it is what is asked for.

        Samples are so many minutes apart. ``scaled``: by metric, how many times as large its values are where no test
        has shortened time limits.
        """
        found, interval = self._scrapes, f"{minutes}m"
        chance = [] if any(alert.startswith(_CHANCE) for alert in alerts) else [_CHANCE]
        expectations = [expected(minutes * found.last, alerts, others=[*others, *chance])]
        if quiet:
            expectations.append(expected(minutes * _WELL, [], others=[_CHANCE]))
        with self._subtests.test("alerts"):
            check(self._directory, case(found.series(**scaled), *expectations, interval=interval), step=interval)

    def assert_quiet(self, minutes: int, others: Collection[str] = ()) -> None:
        """None but ``others`` fires with any sample, or for an open transaction; they are so many minutes apart."""
        every = (expected(minutes * at, [], others=[*others, _CHANCE]) for at in range(self._scrapes.last + 1))
        with self._subtests.test("no alerts"):
            check(self._directory, case(self._scrapes.series(), *every, interval=f"{minutes}m"))
