"""Events of an order: `order.*`."""

from typing import Literal

from pydantic import Field

from schemas.models.base import EventModel, Part, Payload, always
from schemas.models.common import Address, ExtendedAttribute
from schemas.models.values import (
    Flag,
    FreeMap,
    Id,
    Instant,
    Integer,
    Members,
    Money,
    Nested,
    Number,
    OpenEnum,
    Text,
)

ChannelType = Literal["store", "web", "mobile"]
ItemStatus = Literal["opened", "pending", "in_fulfillment", "on_hold", "complete", "cancelled", "returned"]


class Exchange(Part):
    """What an exchange order is in exchange for."""

    order_id: Id = always("The order that the goods came from.")
    return_id: Id = always("The return that brought them back.")


class TaxDetail(Part):
    """One tax on one item."""

    name: Text = always()
    amount: Money = always()
    rate: Number = always("A share: 0.06 is six percent.")


class OrderItem(Part):
    """One line item of an order."""

    id: Id = always("The line item's id, which all later events name it by.")
    item_type: Text = always()
    product_id: Id = always()
    pricebook_id: Id = always()
    pricebook_price: Money = always("The price by the price book.")
    list_price: Money = always()
    item_discounts: Money = always("Discounts on this item.")
    order_discounts: Money = always("This item's share of the discounts on the order.")
    tax: Money = always()
    quantity: Integer = always()
    status: OpenEnum[ItemStatus] = always()
    extended_attributes: Members[ExtendedAttribute] = always(default=())
    external_identifiers: FreeMap[Id] = always("Identifiers by kind, such as `sku` or `ean13`.", default={})
    shipping_service_level: Text = always()
    tax_provider_details: Members[TaxDetail] = ()
    is_preorder: Flag = None


class OrderPayload(Payload):
    """The whole order. grand_total = subtotal - discount_total + shipping_total + shipping_tax + tax_total."""

    id: Id = always("The order's id.")
    external_id: Id = always("The order's number as people know it.")
    created_at: Instant = always()
    placed_at: Instant = always("When the customer ordered; earlier than `created_at` if the order was imported.")
    associate_id: Id = Field(default=None, description="Who sold it; `unknown` occurs.")
    associate_email: Text = None
    channel_type: OpenEnum[ChannelType] = always()
    channel: Text = always("The store or shop front.")
    is_exchange: Flag = always("Whether it is in exchange for returned goods; see `exchanges`.")
    exchanges: Members[Exchange] = ()
    customer_email: Text = None
    customer_id: Id = None
    external_customer_id: Id = None
    is_historical: Flag = always("Whether it was imported from another system.")
    billing_address: Nested[Address] = None
    shipping_address: Nested[Address] = always()
    price_method: Text = always("Whether prices contain the tax: `tax_excluded` does not.")
    subtotal: Money = always()
    discount_total: Money = always()
    shipping_total: Money = always()
    shipping_tax: Money = always()
    tax_total: Money = always()
    grand_total: Money = always()
    currency: Text = always("ISO 4217, of every amount in this event.")
    tax_strategy: Text = None
    tax_exempt: Flag = always()
    demand_location_id: Id = None
    extended_attributes: Members[ExtendedAttribute] = always(default=())
    items: Members[OrderItem] = always(default=())


class CompletedItem(Part):
    """One line item of an order that is closed."""

    id: Id = always()
    product_id: Id = always()
    quantity: Integer = always()
    status: OpenEnum[ItemStatus] = always()
    fulfillment_location_id: Id = None
    shipping_service_level: Text = None


class OrderCompletedPayload(Payload):
    """The closed order's line items and what became of each."""

    id: Id = always("The order's id.")
    items: Members[CompletedItem] = always(default=())


class CancelledOrderItem(Part):
    """One line item of an order that was cancelled."""

    id: Id = always()
    product_id: Id = always()
    quantity: Integer = always()
    status: OpenEnum[ItemStatus] = always()


class OrderCancelledPayload(Payload):
    """The cancelled order's line items."""

    id: Id = always("The order's id.")
    items: Members[CancelledOrderItem] = always(default=())


class CancelledItem(Part):
    """One line item that was cancelled while the order goes on."""

    id: Id = always()
    product_id: Id = always()
    cancellation_reason: Text = None
    fulfillment_location_id: Id = None


class OrderItemsCancelledPayload(Payload):
    """The line items that were cancelled, and only those."""

    id: Id = always("The order's id.")
    items: Members[CancelledItem] = always(default=())


class NamedItem(Part):
    """A line item that the event is about; more of it is not public."""

    fields_published = False

    id: Id = None
    product_id: Id = None


class OrderItemsPayload(Payload):
    """NewStore does not publish these fields: certain is only the order's id."""

    fields_published = False

    id: Id = always("The order's id.")
    items: Members[NamedItem] = ()


class OrderCreated(EventModel):
    """An order was placed, and its grace period begins. Not sent if the payment could not be authorised."""

    name: Literal["order.created"]
    payload: OrderPayload


class OrderOpened(EventModel):
    """The grace period is over: the order can no longer be changed, and the search for stock begins."""

    name: Literal["order.opened"]
    payload: OrderPayload


class OrderShipped(EventModel):
    """Deprecated by NewStore: use `fulfillment_request.items_completed`."""

    name: Literal["order.shipped"]
    payload: OrderItemsPayload


class OrderCompleted(EventModel):
    """The order is closed: each line item was fulfilled or cancelled. Returns come later."""

    name: Literal["order.completed"]
    payload: OrderCompletedPayload


class OrderCancelled(EventModel):
    """The whole order was cancelled; that can happen before it is opened."""

    name: Literal["order.cancelled"]
    payload: OrderCancelledPayload


class OrderItemsSwapped(EventModel):
    """Line items were replaced by others; their ids change."""

    name: Literal["order.items_swapped"]
    payload: OrderItemsPayload


class OrderItemsCancelled(EventModel):
    """Some line items were cancelled; the order goes on."""

    name: Literal["order.items_cancelled"]
    payload: OrderItemsCancelledPayload


class OrderItemsOnHold(EventModel):
    """Line items wait, because no location can fulfil them at present."""

    name: Literal["order.items_on_hold"]
    payload: OrderItemsPayload


class OrderSerialNumbersAdded(EventModel):
    """Serial numbers of line items were recorded."""

    name: Literal["order.serial_numbers_added"]
    payload: OrderItemsPayload


EVENTS = (
    OrderCreated, OrderOpened, OrderShipped, OrderCompleted, OrderCancelled, OrderItemsSwapped, OrderItemsCancelled,
    OrderItemsOnHold, OrderSerialNumbersAdded,
)  # fmt: skip
