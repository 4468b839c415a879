"""Which alerts a fault raises. The fault is made with real processes, and promtool judges their metrics."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.observability.moments import passing
from tests.deploy.observability.promtool_cases import case, check, expected
from tests.deploy.observability.scrapes import Scrapes
from tests.integration.waiting import wait_until

_LONG: Final = 150
"""Samples, one a minute, for which a fault goes on. The most patient alert needs an hour."""
_WELL: Final = 5
"""Samples while all is well."""
OF_DELIVERIES: Final = ("BridgeConflictsOpen", "BridgeQuarantined")
"""Alerts about deliveries that contradict others or must not pass. They last for a day; how many got through is
chance."""
Page = Callable[[], str | None]
"""Gives a service's metrics as they are now; None: it does not answer."""


class Alarms:
    """Call `was_well(...)`, then `look(...)` once or more, then `assert_raised(...)`. Pages are those of `/metrics`.
    Each question is a subtest, skipped if promtool is not installed."""

    def __init__(self, subtests: pytest.Subtests, directory: Path) -> None:
        self._subtests, self._directory = subtests, directory
        self._scrapes = Scrapes()

    def anew(self) -> "Alarms":
        """For another fault of the same test."""
        return Alarms(self._subtests, self._directory)

    def was_well(self, **pages: Page) -> None:
        """Take samples before anything happens, of settled pages as in ``goes_on``."""
        self.look(_WELL, **{service: settled(page) for service, page in pages.items()})

    def look(self, then: int = 0, **pages: str | None) -> None:
        """Take a sample of each page, and so many more that go on as since the last look."""
        self._scrapes.look(then, **pages)

    def goes_on(self, **pages: Page) -> None:
        """Take a last sample, which goes on for as long as any alert may need. The page is settled first: otherwise a
        transaction that is open for a moment, or a Kafka that a busy machine keeps silent, would last for all that
        time."""
        self.goes_on_as(**{service: settled(page) for service, page in pages.items()})

    def goes_on_as(self, **pages: str | None) -> None:
        """The same with pages that the test has read: what passes in them stays."""
        self.look(_LONG, **pages)

    def assert_raised(
        self, *alerts: str, others: Collection[str] = (), minutes: int = 1, quiet: bool = True, **scaled: float
    ) -> None:
        """Exactly these alerts (`BridgeKafkaAway critical`) fire at the last sample and, if ``quiet``, none at the last
        one at which all was well. ``others``: names of alerts that may also fire at the last sample.

        Samples are so many minutes apart. ``scaled``: by metric, the factor by which its values are larger where no
        test has shortened time limits."""
        found, interval = self._scrapes, f"{minutes}m"
        expectations = [expected(minutes * found.last, alerts, others=others)]
        if quiet:
            expectations.append(expected(minutes * _WELL, []))
        with self._subtests.test("alerts"):
            check(self._directory, case(found.series(**scaled), *expectations, interval=interval), step=interval)

    def assert_quiet(self, minutes: int, others: Collection[str] = ()) -> None:
        """No alert but ``others`` fires at any sample. Samples are so many minutes apart, and counters grow at the pace
        between the looks."""
        every = (expected(minutes * at, [], others=others) for at in range(self._scrapes.last + 1))
        with self._subtests.test("no alerts"):
            check(self._directory, case(self._scrapes.series(60.0 * minutes), *every, interval=f"{minutes}m"))


def settled(page: Page, shows: Callable[[str], bool] = lambda _: True) -> str | None:
    """The page, once it shows nothing that passes, and ``shows`` accepts it."""
    seen = list[str | None]()

    def is_settled() -> bool:
        seen[:] = [page()]
        return not passing(seen[0] or "") and shows(seen[0] or "")

    wait_until("nothing passes", is_settled, lambda: passing(seen[0] or ""))
    return seen[0]
