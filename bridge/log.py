"""Logging: one JSON object per line on stderr, from the bridge and from the libraries below it."""

import logging
import sys
from typing import Any, Final, cast

import structlog
from aiokafka.errors import KafkaError

from bridge.printable import inert_json
from bridge.repeat_limit import RepeatFilter

_QUIET: Final = ("aiokafka", "aiohttp", "asyncio", "faust", "mode")

_SHARED: Final[list[structlog.typing.Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logging(level: int = logging.INFO) -> None:
    """Send everything that is logged in this process to stderr as JSON lines, repeats left out. Idempotent."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RepeatFilter())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                _left_out,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.EventRenamer("message"),
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.getLogger("asyncio").addFilter(_was_not_heard)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A structlog logger: `log.warning("what happened", field=value)`."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))


def _was_not_heard(record: logging.LogRecord) -> bool:
    """aiokafka fails all its futures at once, also those that nobody waits for: whoever waited has told it."""
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, KafkaError) and record.getMessage().startswith("Future exception"))


def _left_out(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    left_out = getattr(event["_record"], "left_out", 0)
    return {**event, "left_out": left_out} if left_out else event


def _dumps(value: Any, **_options: Any) -> str:
    return inert_json(value, default=str)
