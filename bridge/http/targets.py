"""What a request may ask for, before anybody looks at it: aiohttp's router takes a path apart in a time that grows with
its square (0.4 s for 60 kB of slashes), and yarl keeps the last URLs of each form with all that was read of them."""

from contextlib import suppress
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError, InvalidURLError, LineTooLong

from bridge.http.bounds import HOST_CHARACTERS, PATH_BYTES, PATH_PARTS, QUERY_PARTS, TARGET_BYTES
from bridge.http.errors import TargetTooLarge


def require_small(message: Any) -> None:
    """TargetTooLarge: its path or its query is larger than the bounds. aiohttp's parser refuses it where it is so
    altogether, see `as_told`."""
    target = message.path
    if len(target) <= PATH_PARTS:  # nearly always
        return
    path, _, query = target.partition("?")
    if len(path) > PATH_BYTES or path.count("/") > PATH_PARTS or query.count("&") > QUERY_PARTS:
        raise TargetTooLarge


def as_told(error: HttpProcessingError) -> HttpProcessingError:
    """The error as it is answered: a line that is too long is a header, or what is asked for, which may have less."""
    is_of_target = isinstance(error, LineTooLong) and error.args[1] == TARGET_BYTES
    return TargetTooLarge() if is_of_target else error


def read_host(url: Any) -> None:
    """InvalidURLError: there is none, as in `http://xn--/`, or none that a name can be as long as. aiohttp reads it
    where an exception ends the task that serves a connection, and the connection goes on."""
    if len(url.raw_host or "") <= HOST_CHARACTERS:
        with suppress(ValueError):
            _ = url.host
            return
    raise InvalidURLError("a host that is none")  # out here it has no context, whose frames would hold what came
