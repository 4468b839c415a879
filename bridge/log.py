"""Logging on stderr, from the bridge and from the libraries below it: a JSON object per line, or lines for people."""

import logging
import sys
from functools import partial
from typing import Any, Final, cast

import structlog
from aiokafka.errors import KafkaError

from bridge.pretty_log import PrettyLine, wants_colour
from bridge.printable import inert_json
from bridge.repeat_limit import AUDIT, RepeatFilter
from bridge.settings import Settings, undocumented_events
from bridge.version import version_in_words

_LIBRARIES: Final = ("aiokafka", "aiohttp", "asyncio", "faust", "mode")
_INDISCREET: Final = ("aiokafka.conn", "boto3", "botocore", "urllib3")
"""Their lines at the level `debug` have passwords and tokens in them."""

_SHARED: Final[list[structlog.typing.Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def begin_logging(service: str, settings: Settings) -> None:
    """Log as the settings want. First say what runs, for whom, on which Kafka, and what in BRIDGE_EVENTS may be
    misspelt."""
    configure_logging(settings.log_format, settings.log_level)
    get_logger(service).info(
        f"bridge {service} starts",
        version=version_in_words(),
        tenant=settings.tenant,
        prefix=settings.topic_prefix,
        brokers=", ".join(settings.kafka_bootstrap_servers),
    )
    if sentences := undocumented_events(settings):
        get_logger(service).warning(" ".join(sentences))  # more lines would leave less room for others


def configure_logging(form: str = "auto", least: str = "info") -> None:
    """Send everything that is logged in this process to stderr, repeats left out. Idempotent.

    `form` and `least` are values of `BRIDGE_LOG_FORMAT` and `BRIDGE_LOG_LEVEL`.
    """
    level = getattr(logging, least.upper())
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(partial(_is_told_by_us, most=level))
    handler.addFilter(RepeatFilter())  # after the other filters: lines that they leave out must not count
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                _left_out,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.EventRenamer("message"),
                _renderer(form),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(level if level < logging.INFO else max(level, logging.WARNING))
    for name in _INDISCREET:
        logging.getLogger(name).setLevel(logging.INFO if level < logging.INFO else logging.NOTSET)
    logging.getLogger(AUDIT).setLevel(logging.INFO)
    logging.getLogger("asyncio").addFilter(_was_not_heard)


def _get_audit_logger() -> structlog.stdlib.BoundLogger:
    wrapper = structlog.make_filtering_bound_logger(logging.INFO)
    logger = structlog.wrap_logger(
        None, wrapper_class=wrapper, cache_logger_on_first_use=False, logger_factory_args=(AUDIT,), audit=True
    )
    return cast("structlog.stdlib.BoundLogger", logger)


audit: Final = _get_audit_logger()
"""For lines that say what somebody did or changed: neither a limit nor `BRIDGE_LOG_LEVEL` leaves them out."""


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A structlog logger: `log.warning("what happened", field=value)`."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))


def _was_not_heard(record: logging.LogRecord) -> bool:
    """Whether to keep a line. aiokafka fails all its futures at once, also those that nobody waits for: asyncio's
    complaint about these is dropped, because whoever waited has told the error."""
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, KafkaError) and record.getMessage().startswith("Future exception"))


def _is_told_by_us(record: logging.LogRecord, most: int) -> bool:
    """Whether to keep a line. aiokafka's are dropped: each of its tasks tells of brokers that are away, and the bridge
    says it once, in words.

    Lines with an exception that is neither Kafka's nor an OSError stay; at the level `debug` all do.
    """
    if most < logging.INFO or not record.name.startswith("aiokafka"):
        return True
    error = record.exc_info[1] if record.exc_info else None
    return error is not None and not isinstance(error, KafkaError | OSError)


def _left_out(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    left_out = getattr(event["_record"], "left_out", 0)
    return {**event, "left_out": left_out} if left_out else event


def _renderer(form: str) -> structlog.typing.Processor:
    is_pretty = form == "pretty" or (form == "auto" and sys.stderr.isatty())
    if is_pretty:
        return PrettyLine(colour=sys.stderr.isatty() and wants_colour())
    return structlog.processors.JSONRenderer(serializer=_dumps)


def _dumps(value: Any, **_options: Any) -> str:
    return inert_json(value, default=str)
