"""Reasons to end a connection, as errors of aiohttp's parser."""

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError, _ErrInfo


class HeadTooLate(HttpProcessingError):  # noqa: N818 - named after the situation
    """A head was not complete in time."""

    code = 408
    message = "Request Timeout"


class HeadTooLarge(HttpProcessingError):  # noqa: N818 - named after the situation
    """A request line and its headers are larger together than `HEAD_BYTES`."""

    code = 431
    message = "Request Header Fields Too Large"


class TargetTooLarge(HttpProcessingError):  # noqa: N818 - named after the situation
    """A request's target is larger than `bridge.http.targets` lets through."""

    code = 414
    message = "URI Too Long"


class BehindChunks(HttpProcessingError):  # noqa: N818 - named after the situation
    """A request could not be read apart from the chunked one before it, so it may have got that one's trailer."""

    code = 400
    message = "Bad Request"


class BodyCrumbled(HttpProcessingError):  # noqa: N818 - named after the situation
    """A body has more chunks than its size allows, or too large extensions of chunks."""

    code = 400
    message = "Bad Request"


class BodyBroken(RequestPayloadError):  # noqa: N818 - as above
    """A body's reader gets this once no more of the body can be read. The reason is logged and counted elsewhere."""


def refused(error: HttpProcessingError) -> _ErrInfo:
    """What stands in the request's place in the queue."""
    return _ErrInfo(error.code, error, "")
