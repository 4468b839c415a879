"""The time and randomness of one lifecycle, whose events come one after the other."""

from datetime import datetime, timedelta
from hashlib import blake2b
from random import Random
from typing import Final

from commands.simulate.event import Event, Json

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DAY: Final = 86400.0

_NO_TIME: Final = timedelta()
_TICK: Final = timedelta(milliseconds=1)
_SHARE_OF_ODD_TIMES: Final = 0.1
_SHARE_OF_REPEATED_KEYS: Final = 0.005


def randomness(seed: int, *path: object) -> Random:
    """A separate generator for what `path` names."""
    return Random("/".join(map(str, (seed, *path))))  # noqa: S311 - a simulation  # nosec B311


def new_id(rng: Random) -> str:
    """A UUID."""
    return _uuid(f"{rng.getrandbits(128):032x}")


def known_id(seed: int, *path: object) -> str:
    """The UUID of what `path` names, so that others can refer to it without a stored id."""
    return _uuid(blake2b("/".join(map(str, (seed, *path))).encode(), digest_size=16).hexdigest())


def _uuid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


class Timeline:
    """`now` only grows, and differs for each event of a lifecycle.

    `age`: how long before publishing everything happened (imports of old orders); `dated_back`: `published_at` has the
    old date, too. `pace` multiplies every wait.
    """

    __slots__ = ("_age", "_dated_back", "_pace", "now", "rng")

    def __init__(
        self,
        rng: Random,
        now: datetime,
        *,
        age: timedelta = _NO_TIME,
        dated_back: bool = False,
        pace: float = 1.0,
    ) -> None:
        self.rng = rng
        self.now = now
        self._age = age
        self._dated_back = dated_back
        self._pace = pace

    def wait(self, shortest: float, longest: float) -> None:
        """Let a random number of seconds pass, within these bounds."""
        seconds = self.rng.uniform(shortest, longest) * self._pace
        self.now += timedelta(milliseconds=round(seconds * 1000)) or _TICK

    def event(self, name: str, payload: Json) -> Event:
        """Publish an event at the present moment."""
        chance = self.rng.random()
        at = written(self.now - self._age if self._dated_back else self.now)
        if chance < _SHARE_OF_ODD_TIMES:
            at = self.rng.choice((f"{at}{self.rng.randrange(10**6):06d}Z", at, f" {at}Z "))
        else:
            at += "Z"
        event = Event(name, self.now, at, payload, says_id_twice=chance > 1 - _SHARE_OF_REPEATED_KEYS)
        self.now += _TICK
        return event

    def stamp(self, seconds_ago: float = 0.0) -> str:
        """The present moment, or an earlier one, as in payloads."""
        return f"{written(self.now - self._age - timedelta(seconds=seconds_ago))}Z"

    def local_stamp(self) -> str:
        """The present moment without a zone, as in some fields."""
        return written(self.now - self._age)

    def id(self) -> str:
        """A new UUID."""
        return new_id(self.rng)

    def happens(self, share: float) -> bool:
        """True with this probability."""
        return self.rng.random() < share


def written(moment: datetime) -> str:
    """A moment to the millisecond, without zone."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
