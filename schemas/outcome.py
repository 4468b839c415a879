"""What becomes of a raw record: the contract's words, for the code that decides, recounts or predicts it."""

from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Values of the header `bridge_error_reason`; acceptance gives all but the last one."""

    CONTENT_ENCODING = "content_encoding"
    NOT_UTF8 = "not_utf8"
    INVALID_JSON = "invalid_json"
    TOO_DEEP = "too_deep"
    TOO_MUCH_STRUCTURE = "too_much_structure"
    NOT_AN_OBJECT = "not_an_object"
    INVALID_TENANT = "invalid_tenant"
    INVALID_NAME = "invalid_name"
    INVALID_PAYLOAD = "invalid_payload"
    OTHER_TENANT = "other_tenant"
    TOO_LARGE = "too_large"
    HANDLER_FAILED = "handler_failed"


INGRESS_REASONS: Final[tuple[Reason, ...]] = tuple(reason for reason in Reason if reason is not Reason.HANDLER_FAILED)
"""Why the ingress puts a body into quarantine."""


class Outcome(StrEnum):
    """Every raw record has exactly one; values of the metrics' label `outcome`."""

    __hash__ = str.__hash__  # Enum's own is slow Python, and each record is counted under its outcome

    UNIQUE = "unique"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    QUARANTINED = "quarantined"
