"""The document without what identifies a customer, or may: what everybody who reads the topic gets to see then."""

from typing import Any, Final

from msgspec.structs import replace

CUSTOMER: Final = "customer"
"""Ids, e-mail and addresses."""
ATTRIBUTES: Final = "extended_attributes"
"""Whatever a retailer puts there: names, telephone numbers, messages on gifts."""
NOTE: Final = "note"
"""Free text of a refund request."""
WITHHELD: Final = (f"order.{CUSTOMER}", f"order.{ATTRIBUTES}", f"refund_requests.{NOTE}")


def withheld(document: Any) -> Any:
    """Return the document of an order with nulls in these places; it says of which ones nothing can be known from it.

    Ids stay: without them no consumer could join anything. So do those of associates, which name no person by
    themselves.
    """
    order = document.order
    return replace(
        document,
        order=order and replace(order, **{CUSTOMER: None, ATTRIBUTES: None}),
        refund_requests={key: replace(said, **{NOTE: None}) for key, said in document.refund_requests.items()},
        withheld=[*WITHHELD],
    )
