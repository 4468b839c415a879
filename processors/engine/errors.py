"""Why a lane does not run, and whether it is an error at all."""

import asyncio
from typing import Final

from aiokafka.errors import BrokerResponseError, KafkaError


class LaneHaltedError(Exception):
    """Going on would lose or repeat records; somebody has to look. The message says what was found and what helps."""


class HandlerHaltedError(LaneHaltedError):
    """The handler fails on too many records. Trying again would not help: only another version of it does."""


class TableError(Exception):
    """A table cannot be read. That says nothing about the record it was read for."""


class TableDamagedError(TableError, LaneHaltedError):
    """The table's files are not what was written. Reading them again does not help, only another directory does."""


class ReplacedError(Exception):
    """The lane's rows came from a changelog topic that was replaced; opening the lane anew halts it."""


class StandstillError(Exception):
    """The lane has work and gets nowhere; opening it anew may help."""


class UnitFullError(Exception):
    """The results of these records are more than one unit may write; fewer records may fit."""


class UnitTimeoutError(Exception):
    """A transaction neither committed nor failed in time; its outcome is unknown."""


class NoAnswerError(Exception):
    """Kafka did not answer in time; asking again may help."""


class OpeningTimeoutError(NoAnswerError):
    """Opening a lane took too long: Kafka was silent, or the CPU was missing."""


class IdleError(Exception):
    """The lane has committed nothing for so long that Kafka may have forgotten its transactional id."""


class OutOfRangeError(Exception):
    """The source's log does not have the offset to read from; opening the lane anew finds out why."""


NOT_ITS_FAULT: Final = (TableError, UnitFullError, MemoryError)
"""Errors that say nothing about the record, the row or the change at hand: the unit is dropped, and all of it is tried
again."""


def as_table_error(lane: str, error: Exception) -> TableError:
    """The error that a lane fails by if its table cannot be read; ``error`` is RocksDB's, or a row's."""
    return error if isinstance(error, TableError) else TableError(f"{lane}: a table cannot be read: {error}")


def words_of(error: BaseException) -> str:
    """Kafka's name of an error that it answered, with its reason if it gives one, or aiokafka's words without the class
    that its text begins with; of another error, its class and what it says."""
    kind = type(error).__name__
    if not isinstance(error, KafkaError):
        return f"{kind}: {error}" if str(error) else kind
    said = next((each for each in error.args if isinstance(each, str)), "")
    if isinstance(error, BrokerResponseError):
        return str(error.message) if said in {"", error.message} else f"{error.message} ({said})"
    return said or kind


def bare(error: BaseException) -> BaseException:
    """``error`` without the frames that it came through: whoever keeps it would keep their unit."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def is_cancelled() -> bool:
    """Whether somebody has cancelled the running task."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
