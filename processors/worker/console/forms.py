"""Forms that the console's own pages post: small, and of nobody else."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from bridge.http.server import read_body
from processors.worker.console.guard import is_own

_MOST_BYTES: Final = 16 * 1024
_MOST_FIELDS: Final = 20


class FormError(Exception):
    """The post is refused with this `status`; the message says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


async def form_of(request: web.Request) -> Mapping[str, str]:
    """The first value of each field. FormError: another site posts it, or it is too large or too slow."""
    if not is_own(request.headers):
        raise FormError(403, "This form was not posted by a page of the console.")
    if request.content_length is None or request.content_length > _MOST_BYTES:
        raise FormError(413, "The form is too large.")
    try:
        body = await read_body(request)
    except web.HTTPRequestTimeout:
        raise FormError(408, "The form did not come in time.") from None
    try:
        said = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise FormError(400, "The form has too many fields.") from error
    return {name: values[0] for name, values in said.items()}
