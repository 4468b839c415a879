"""Which alerts a fault raises that was made with real processes, as promtool says of what they told."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.observability.moments import passing
from tests.deploy.observability.promtool_cases import case, check, expected
from tests.deploy.observability.scrapes import Scrapes
from tests.integration.waiting import wait_until

_LONG: Final = 150
"""Samples, a minute each, for which a fault goes on: the most patient alert wants an hour."""
_WELL: Final = 5
"""Samples for which all was well."""
OF_DELIVERIES: Final = ("BridgeConflictsOpen", "BridgeQuarantined")
"""Of some that contradict others or must not pass, and are told for a day: how many got through is chance."""
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

    def was_well(self, **pages: Page) -> None:
        """Before anything happens; as with ``goes_on``, for so long."""
        self.look(_WELL, **{service: settled(page) for service, page in pages.items()})

    def look(self, then: int = 0, **pages: str | None) -> None:
        """A sample of each, and so many more that go on as since the look before."""
        self._scrapes.look(then, **pages)

    def goes_on(self, **pages: Page) -> None:
        """A last sample, and that for as long as any alert may want. It is taken once nothing passes: a transaction
        that is open for a moment, or a Kafka that a busy machine keeps silent, would be so for all that time."""
        self.goes_on_as(**{service: settled(page) for service, page in pages.items()})

    def goes_on_as(self, **pages: str | None) -> None:
        """The same with pages that are known: whatever passes there stays."""
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
        """None but ``others`` fires with any sample; they are so many minutes apart, and counters grow at the pace of
        the looks."""
        every = (expected(minutes * at, [], others=others) for at in range(self._scrapes.last + 1))
        with self._subtests.test("no alerts"):
            check(self._directory, case(self._scrapes.series(60.0 * minutes), *every, interval=f"{minutes}m"))


def settled(page: Page, shows: Callable[[str], bool] = lambda _: True) -> str | None:
    """A page that tells of nothing that passes, and ``shows`` what it must."""
    seen = list[str | None]()

    def is_settled() -> bool:
        seen[:] = [page()]
        return not passing(seen[0] or "") and shows(seen[0] or "")

    wait_until("nothing passes", is_settled, lambda: passing(seen[0] or ""))
    return seen[0]
