"""Events of a fulfilment request: one attempt to fulfil line items at one location."""

from typing import Literal

from schemas.models.base import EventModel, Part, Payload, always, at_times
from schemas.models.values import Id, Instant, Integer, Members, Text


class RequestedItem(Part):
    """One line item of the request. The same id can occur twice: once for each piece."""

    id: Id = always("The line item's id in the order.")
    product_id: Id = always("The product.")
    carrier: Text = at_times("The carrier of the shipment.")
    tracking_code: Id = at_times("The carrier's number for the shipment.")
    shipped_at: Instant = at_times("When the line item left; UTC. NewStore leaves the zone out.")


class FulfillmentRequestPayload(Payload):
    """The request, and those of its line items that this event is about."""

    id: Id = always("The request's id. A rerouted order gets a new request.")
    order_id: Id = always("The order.")
    logical_timestamp: Integer = always("A number that only increases. It sorts the events of one request.")
    fulfillment_location_id: Id = always("The store or warehouse that is asked to fulfil the line items.")
    service_level: Text = always("The service level, such as `IN_STORE_HANDOVER`.")
    associate_id: Id = at_times("The associate who works on the request. The value may be `unknown`.")
    items: Members[RequestedItem] = always("The line items that this event is about.", default=())


class FulfillmentRequestAssigned(EventModel):
    """A location is asked to fulfil line items. After a rerouting, another location is asked, in a new request."""

    name: Literal["fulfillment_request.assigned"]
    payload: FulfillmentRequestPayload


class FulfillmentRequestItemsCompleted(EventModel):
    """A line item was handed over or shipped. Each line item has its own event, so an order can have several."""

    name: Literal["fulfillment_request.items_completed"]
    payload: FulfillmentRequestPayload


class FulfillmentRequestItemsFailed(EventModel):
    """The location cannot fulfil line items. They are rerouted, put on hold or cancelled."""

    name: Literal["fulfillment_request.items_failed"]
    payload: FulfillmentRequestPayload


class FulfillmentRequestItemsReadyForHandover(EventModel):
    """Line items are ready, and wait for the customer or the carrier."""

    name: Literal["fulfillment_request.items_ready_for_handover"]
    payload: FulfillmentRequestPayload


EVENTS = (
    FulfillmentRequestAssigned, FulfillmentRequestItemsCompleted, FulfillmentRequestItemsFailed,
    FulfillmentRequestItemsReadyForHandover,
)  # fmt: skip
