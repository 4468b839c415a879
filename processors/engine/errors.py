"""Why a lane does not run."""


class LaneHaltedError(Exception):
    """Going on would lose or repeat records; somebody has to look. The message says what was found and what helps."""


class HandlerHaltedError(LaneHaltedError):
    """The handler fails on too many records. Trying again would not help: only another version of it does."""


class TableError(Exception):
    """A table cannot be read. That says nothing about the record it was read for."""


class StandstillError(Exception):
    """The lane has work and gets nowhere; opening it anew may help."""


class UnitTimeoutError(Exception):
    """A transaction neither committed nor failed in time; its outcome is unknown."""
