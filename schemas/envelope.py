"""The webhook's envelope: `{"tenant": str, "name": str, "published_at": date-time, "payload": object}`."""

from typing import Any, NamedTuple

from schemas.exact_json import InvalidJson, parse
from schemas.instant import ABSENT
from schemas.outcome import Reason
from schemas.text import is_short_text


class InvalidEnvelope(ValueError):  # noqa: N818  # says what the input is
    """The body is no valid envelope. `reason` says why. `detail` says more, and repeats nothing of the body."""

    def __init__(self, reason: Reason, detail: str | None = None) -> None:
        super().__init__(reason if detail is None else f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Envelope(NamedTuple):
    """A valid envelope.

    `published_at` is any JSON value, or `ABSENT`. Numbers in it and in `payload` are as in an `exact_json.Document`.
    """

    tenant: str
    name: str
    published_at: Any
    payload: dict[str, Any]


def read_envelope(body: bytes) -> Envelope:
    """Parse a webhook body as it came over the wire; raises InvalidEnvelope."""
    try:
        value = parse(body).value
    except InvalidJson as error:
        raise InvalidEnvelope(error.reason, str(error)) from error
    if type(value) is not dict:
        raise InvalidEnvelope(Reason.NOT_AN_OBJECT)
    tenant, name, payload = value.get("tenant"), value.get("name"), value.get("payload")
    if not is_short_text(tenant):
        raise InvalidEnvelope(Reason.INVALID_TENANT)
    if not is_short_text(name):
        raise InvalidEnvelope(Reason.INVALID_NAME)
    if type(payload) is not dict:
        raise InvalidEnvelope(Reason.INVALID_PAYLOAD)
    return Envelope(tenant, name, value.get("published_at", ABSENT), payload)
