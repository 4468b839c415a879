"""What a connection may be ended for, as aiohttp's parser tells it."""

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
    """What a request asks for is larger than `bridge.http.targets` lets through."""

    code = 414
    message = "URI Too Long"


class BehindChunks(HttpProcessingError):  # noqa: N818 - named after the situation
    """A request began in the piece that has all of a chunked one, so it may have got that one's trailer."""

    code = 400
    message = "Bad Request"


class BodyCrumbled(HttpProcessingError):  # noqa: N818 - named after the situation
    """A body has more chunks than one of its size may have."""

    code = 400
    message = "Bad Request"


class BodyBroken(RequestPayloadError):  # noqa: N818 - as above
    """What a body's reader gets once no more of it can be read; why, was told and counted."""


def refused(error: HttpProcessingError) -> _ErrInfo:
    """What stands in a request's place."""
    return _ErrInfo(error.code, error, "")
