"""Events of an order: `order.*`."""

from typing import Literal

from schemas.models.base import EventModel, Part, Payload, always, at_times
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

CaptureType = Literal["pos", "injection"]
ChannelType = Literal["store", "web", "mobile"]
ItemStatus = Literal["opened", "pending", "in_fulfillment", "on_hold", "complete", "cancelled", "returned"]


class Exchange(Part):
    """What an exchange order is in exchange for."""

    order_id: Id = always("The order that the goods came from.")
    return_id: Id = always("The return that brought them back.")


class TaxDetail(Part):
    """One tax on one item."""

    name: Text = always("The tax's name.")
    amount: Money = always("How much it is.")
    rate: Number = always("A share: 0.06 is six percent.")


class OrderItem(Part):
    """One line item of an order."""

    id: Id = always("The line item's id, which all later events name it by.")
    item_type: Text = always("The kind of line: `product`, or a service such as `shipping`.")
    product_id: Id = always("The product.")
    pricebook_id: Id = always("The price book.")
    pricebook_price: Money = always("The price by the price book.")
    list_price: Money = always("The price that the discounts are taken from.")
    item_discounts: Money = always("Discounts on this item.")
    order_discounts: Money = always("This item's share of the discounts on the order.")
    tax: Money = always("The tax on this item.")
    quantity: Integer = always("Pieces.")
    status: OpenEnum[ItemStatus] = always("What became of the item so far.")
    extended_attributes: Members[ExtendedAttribute] = always("What the retailer has attached.", default=())
    external_identifiers: FreeMap[Id] = always("Identifiers by kind, such as `sku` or `ean13`.", default={})
    shipping_service_level: Text = always("How it reaches the customer, such as `IN_STORE_HANDOVER`.")
    tax_provider_details: Members[TaxDetail] = at_times("The taxes on this item, one by one.", default=())
    is_preorder: Flag = at_times("Whether it was ordered before it can be delivered.")


class OrderPayload(Payload):
    """The whole order. grand_total = subtotal - discount_total + shipping_total + shipping_tax + tax_total."""

    id: Id = always("The order's id.")
    external_id: Id = always("The order's number as people know it.")
    created_at: Instant = always("When NewStore took the order.")
    placed_at: Instant = always("When the customer ordered; earlier than `created_at` if the order was imported.")
    associate_id: Id = at_times("Who sold it; `unknown` occurs.")
    associate_email: Text = at_times("The seller's e-mail address.")
    channel_type: OpenEnum[ChannelType] = always("The kind of channel.")
    channel: Text = always("The store or shop front.")
    is_exchange: Flag = always("Whether it is in exchange for returned goods; see `exchanges`.")
    exchanges: Members[Exchange] = at_times("What it is in exchange for.", default=())
    customer_email: Text = at_times("The customer's e-mail address; empty if not given.")
    customer_id: Id = at_times("The customer's id; absent for a guest.")
    external_customer_id: Id = at_times("The customer's id in another system.")
    is_historical: Flag = always("Whether it was imported from another system.")
    billing_address: Nested[Address] = at_times("Whom to bill.")
    shipping_address: Nested[Address] = always("Where the goods go.")
    price_method: Text = always("Whether prices contain the tax: `tax_excluded` does not.")
    subtotal: Money = always("The items' prices, before discounts.")
    discount_total: Money = always("All discounts, as a positive amount.")
    shipping_total: Money = always("The price of shipping.")
    shipping_tax: Money = always("The tax on shipping.")
    tax_total: Money = always("The tax on the items.")
    grand_total: Money = always("What the order costs.")
    currency: Text = always("ISO 4217, of every amount in this event.")
    tax_strategy: Text = at_times("How, or by whom, taxes were computed.")
    tax_exempt: Flag = always("Whether the order is free of tax.")
    demand_location_id: Id = at_times("The location whose demand the order is.")
    extended_attributes: Members[ExtendedAttribute] = always("What the retailer has attached.", default=())
    items: Members[OrderItem] = always("The line items.", default=())


class CompletedItem(Part):
    """One line item of an order that is closed."""

    id: Id = always("The line item's id.")
    product_id: Id = always("The product.")
    quantity: Integer = always("Pieces; NewStore says always 1.")
    status: OpenEnum[ItemStatus] = always("What became of it.")
    fulfillment_location_id: Id = at_times("Where it was fulfilled.")
    shipping_service_level: Text = at_times("How it reached the customer, such as `IN_STORE_HANDOVER`.")
    shipping_method: Text = at_times("The kind of shipping.")


class OrderCompletedPayload(Payload):
    """The closed order's line items and what became of each."""

    id: Id = always("The order's id.")
    capture_type: OpenEnum[CaptureType] = at_times("How NewStore came by the order: at a till, or from another system.")
    items: Members[CompletedItem] = always("The line items, with what became of each.", default=())


class CancelledOrderItem(Part):
    """One line item of an order that was cancelled."""

    id: Id = always("The line item's id.")
    product_id: Id = always("The product.")
    quantity: Integer = always("Pieces.")
    status: OpenEnum[ItemStatus] = always("What became of it.")


class OrderCancelledPayload(Payload):
    """The cancelled order's line items."""

    id: Id = always("The order's id.")
    items: Members[CancelledOrderItem] = always("The line items, with what became of each.", default=())


class CancelledItem(Part):
    """One line item that was cancelled while the order goes on."""

    id: Id = always("The line item's id.")
    product_id: Id = always("The product.")
    cancellation_reason: Text = at_times("Why.")
    fulfillment_location_id: Id = at_times("The location that was to fulfil it.")


class OrderItemsCancelledPayload(Payload):
    """The line items that were cancelled, and only those."""

    id: Id = always("The order's id.")
    items: Members[CancelledItem] = always("The line items that were cancelled.", default=())


class NamedItem(Part):
    """A line item that the event is about; more of it is not public."""

    fields_published = False

    id: Id = at_times("The line item's id.")
    product_id: Id = at_times("The product.")


class OrderItemsPayload(Payload):
    """NewStore does not publish these fields: certain is only the order's id."""

    fields_published = False

    id: Id = always("The order's id.")
    items: Members[NamedItem] = at_times("The line items that the event is about.", default=())


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
