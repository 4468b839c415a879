"""Why a lane does not run."""


class LaneHaltedError(Exception):
    """Going on would lose or repeat records; somebody has to look. The message says what was found and what helps."""


class UnitTimeoutError(Exception):
    """A transaction neither committed nor failed in time; its outcome is unknown."""
