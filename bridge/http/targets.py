"""Bounds on a request's target, checked before it is used. aiohttp's router needs a time that grows with the square of
a path's length (0.4 s for 60 kB of slashes), and yarl keeps the last URLs of each form, with all that it parsed of
them."""

from contextlib import suppress
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError, InvalidURLError, LineTooLong

from bridge.http.bounds import HOST_CHARACTERS, PATH_BYTES, PATH_PARTS, QUERY_PARTS, TARGET_BYTES
from bridge.http.errors import TargetTooLarge


def require_small(message: Any) -> None:
    """TargetTooLarge: the path or the query is larger than its bounds. A target that is too large as a whole is refused
    by aiohttp's parser, see `as_told`."""
    target = message.path
    if len(target) <= PATH_PARTS:  # nearly always
        return
    path, _, query = target.partition("?")
    if len(path) > PATH_BYTES or path.count("/") > PATH_PARTS or query.count("&") > QUERY_PARTS:
        raise TargetTooLarge


def as_told(error: HttpProcessingError) -> HttpProcessingError:
    """The error to answer with: aiohttp's LineTooLong is of a header, or of the target, whose bound is lower."""
    is_of_target = isinstance(error, LineTooLong) and error.args[1] == TARGET_BYTES
    return TargetTooLarge() if is_of_target else error


def read_host(url: Any) -> None:
    """InvalidURLError: the URL's host cannot be decoded, as in `http://xn--/`, or is longer than a name can be. aiohttp
    reads the host where an exception ends the task that serves the connection, and the connection stays open."""
    if len(url.raw_host or "") <= HOST_CHARACTERS:
        with suppress(ValueError):
            _ = url.host
            return
    raise InvalidURLError("a host that is none")  # raised out here it has no context, whose frames would hold what came
