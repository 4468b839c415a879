"""Reads forms. They must be small and come from the console's own pages."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from processors.worker.bodies import Bodies
from processors.worker.console.guard import is_own
from processors.worker.queries.owners import AwayError

_MOST_BYTES: Final = 16 * 1024
_MOST_FIELDS: Final = 20


class FormError(Exception):
    """The post is refused with this `status`; the message says why. `retry_after`: seconds until it may be accepted."""

    def __init__(self, status: int, why: str, retry_after: int | None = None) -> None:
        super().__init__(why)
        self.status, self.retry_after = status, retry_after


class Forms:
    """Reads the forms of one kind of caller, within the budget of `bodies`."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies

    async def read(self, request: web.Request) -> Mapping[str, str]:
        """The first value of each field. FormError: another site posts the form; it is too large, too slow or has too
        many fields; or too many forms are posted."""
        if not is_own(request.headers):
            raise FormError(403, "This form was not posted by a page of the console.")
        try:
            async with self._bodies.read(request, _MOST_BYTES) as body:
                said = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except web.HTTPRequestEntityTooLarge:
            raise FormError(413, "The form is too large.") from None
        except web.HTTPRequestTimeout:
            raise FormError(408, "The form did not come in time.") from None
        except AwayError as away:
            text = "Too many forms are being posted. Try again in a moment."
            raise FormError(503, text, away.retry_s) from None
        except ValueError as error:
            raise FormError(400, "The form has too many fields.") from error
        return {name: values[0] for name, values in said.items()}
