"""Which alerts a fault raises that was made with real processes, as promtool says of what they told."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.observability.open_transactions import behind_one
from tests.deploy.observability.promtool_cases import case, check, expected
from tests.deploy.observability.scrapes import Scrapes
from tests.integration.waiting import wait_until

_LONG: Final = 150
"""Samples, a minute each, for which a fault goes on: the most patient alert wants an hour."""
_WELL: Final = 5
"""Samples for which all was well."""
Page = Callable[[], str | None]
"""Of a service's metrics, as they are now; None: it does not answer."""


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

    def goes_on(self, **pages: Page) -> None:
        """A last sample, and that for as long as any alert may want. It is taken between transactions: one that is open
        for a moment would be open for all that time."""
        self.goes_on_as(**{service: _between_transactions(page) for service, page in pages.items()})

    def goes_on_as(self, **pages: str | None) -> None:
        """The same with pages that are known: transactions that are open there stay open."""
        self.look(_LONG, **pages)

    def assert_raised(
        self, *alerts: str, others: Collection[str] = (), minutes: int = 1, quiet: bool = True, **scaled: float
    ) -> None:
        """With the last sample exactly these fire: `BridgeKafkaAway critical`; ``quiet``: and none with the last one of
        those for which all was well. ``others``: names of alerts that may fire with the last one, too.

        Samples are so many minutes apart. ``scaled``: by metric, how many times as large its values are where no test
        has shortened time limits.
        """
        found, interval = self._scrapes, f"{minutes}m"
        expectations = [expected(minutes * found.last, alerts, others=others)]
        if quiet:
            expectations.append(expected(minutes * _WELL, []))
        with self._subtests.test("alerts"):
            check(self._directory, case(found.series(**scaled), *expectations, interval=interval), step=interval)

    def assert_quiet(self, minutes: int, others: Collection[str] = ()) -> None:
        """None but ``others`` fires with any sample; they are so many minutes apart."""
        every = (expected(minutes * at, [], others=others) for at in range(self._scrapes.last + 1))
        with self._subtests.test("no alerts"):
            check(self._directory, case(self._scrapes.series(), *every, interval=f"{minutes}m"))


def _between_transactions(page: Page) -> str | None:
    """A page that tells of no source partition behind an open transaction."""
    seen = list[str | None]()

    def is_between() -> bool:
        seen[:] = [page()]
        return not behind_one(seen[0] or "")

    wait_until("no transaction is open", is_between, lambda: behind_one(seen[0] or ""))
    return seen[0]
