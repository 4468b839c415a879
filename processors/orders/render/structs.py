"""The parts of an order's document as structs, which are written as JSON in a tenth of the time that models take.

Their fields are those of the models in `schemas.order_state`, in the same order; each must be given.
"""

from typing import Any, Final

import msgspec
from pydantic import BaseModel

from schemas import order_state


def _struct(model: type[BaseModel]) -> Any:
    return msgspec.defstruct(model.__name__, list(model.model_fields), gc=False)


AcknowledgedGap: Final = _struct(order_state.AcknowledgedGap)
Attention: Final = _struct(order_state.Attention)
Contradiction: Final = _struct(order_state.Contradiction)
ContradictingFact: Final = _struct(order_state.ContradictingFact)
Customer: Final = _struct(order_state.Customer)
Exchange: Final = _struct(order_state.Exchange)
FulfillmentRequest: Final = _struct(order_state.FulfillmentRequest)
Invoice: Final = _struct(order_state.Invoice)
Item: Final = _struct(order_state.Item)
MethodSums: Final = _struct(order_state.MethodSums)
OrderDetails: Final = _struct(order_state.OrderDetails)
OrderState: Final = _struct(order_state.OrderState)
Payment: Final = _struct(order_state.Payment)
PaymentSums: Final = _struct(order_state.PaymentSums)
RefundRequest: Final = _struct(order_state.RefundRequest)
RequestedItem: Final = _struct(order_state.RequestedItem)
Return: Final = _struct(order_state.Return)
ReturnedItem: Final = _struct(order_state.ReturnedItem)
TimelineEntry: Final = _struct(order_state.TimelineEntry)
UnmatchedRefund: Final = _struct(order_state.UnmatchedRefund)
