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
    """The order and the return that an exchange order is in exchange for."""

    order_id: Id = always("The order that the goods came from.")
    return_id: Id = always("The return that brought the goods back.")


class TaxDetail(Part):
    """One tax on one item."""

    name: Text = always("The tax's name.")
    amount: Money = always("The amount of the tax.")
    rate: Number = always("The tax rate as a fraction: 0.06 is six percent.")


class OrderItem(Part):
    """One line item of an order."""

    id: Id = always("The line item's id. All later events name the line item by this id.")
    item_type: Text = always("The kind of line: `product`, or a service such as `shipping`.")
    product_id: Id = always("The product.")
    pricebook_id: Id = always("The price book.")
    pricebook_price: Money = always("The price in the price book.")
    list_price: Money = always("The price from which the discounts are deducted.")
    item_discounts: Money = always("Discounts on this item.")
    order_discounts: Money = always("This item's share of the discounts on the order.")
    tax: Money = always("The tax on this item.")
    quantity: Integer = always("The number of pieces.")
    status: OpenEnum[ItemStatus] = always("The status of the item so far.")
    extended_attributes: Members[ExtendedAttribute] = always("Names and values that the retailer attached.", default=())
    external_identifiers: FreeMap[Id] = always("Identifiers by kind, such as `sku` or `ean13`.", default={})
    shipping_service_level: Text = always("How the item reaches the customer, such as `IN_STORE_HANDOVER`.")
    tax_provider_details: Members[TaxDetail] = at_times("The taxes on this item, one by one.", default=())
    is_preorder: Flag = at_times("Whether the item was ordered before it can be delivered.")


class OrderPayload(Payload):
    """The whole order. grand_total = subtotal - discount_total + shipping_total + shipping_tax + tax_total."""

    id: Id = always("The order's id.")
    external_id: Id = always("The order number that people use.")
    created_at: Instant = always("When NewStore took the order.")
    placed_at: Instant = always("When the customer ordered. Earlier than `created_at` if the order was imported.")
    associate_id: Id = at_times("The associate who sold the order. The value may be `unknown`.")
    associate_email: Text = at_times("The e-mail address of the associate.")
    channel_type: OpenEnum[ChannelType] = always("The kind of channel.")
    channel: Text = always("The store or shop front.")
    is_exchange: Flag = always("Whether the order is in exchange for returned goods; see `exchanges`.")
    exchanges: Members[Exchange] = at_times("The orders and returns that this order is in exchange for.", default=())
    customer_email: Text = at_times("The customer's e-mail address; empty if not given.")
    customer_id: Id = at_times("The customer's id; absent for a guest.")
    external_customer_id: Id = at_times("The customer's id in another system.")
    is_historical: Flag = always("Whether the order was imported from another system.")
    billing_address: Nested[Address] = at_times("The billing address.")
    shipping_address: Nested[Address] = always("The shipping address.")
    price_method: Text = always("Whether prices contain the tax. `tax_excluded`: they do not.")
    subtotal: Money = always("The sum of the items' prices, before discounts.")
    discount_total: Money = always("All discounts, as a positive amount.")
    shipping_total: Money = always("The price of shipping.")
    shipping_tax: Money = always("The tax on shipping.")
    tax_total: Money = always("The tax on the items.")
    grand_total: Money = always("The price of the order.")
    currency: Text = always("ISO 4217 code of every amount in this event.")
    tax_strategy: Text = at_times("The method or the service that computed the taxes.")
    tax_exempt: Flag = always("Whether the order is tax-exempt.")
    demand_location_id: Id = at_times("The location whose demand the order is.")
    extended_attributes: Members[ExtendedAttribute] = always("Names and values that the retailer attached.", default=())
    items: Members[OrderItem] = always("The line items.", default=())


class CompletedItem(Part):
    """One line item of an order that is closed."""

    id: Id = always("The line item's id.")
    product_id: Id = always("The product.")
    quantity: Integer = always("The number of pieces. NewStore says that it is always 1.")
    status: OpenEnum[ItemStatus] = always("The status of the line item.")
    fulfillment_location_id: Id = at_times("The location that fulfilled the line item.")
    shipping_service_level: Text = at_times("How the line item reached the customer, such as `IN_STORE_HANDOVER`.")
    shipping_method: Text = at_times("The shipping method.")


class OrderCompletedPayload(Payload):
    """The line items of the closed order, with the status of each."""

    id: Id = always("The order's id.")
    capture_type: OpenEnum[CaptureType] = at_times("How NewStore got the order: at a till, or from another system.")
    items: Members[CompletedItem] = always("The line items, with the status of each.", default=())


class CancelledOrderItem(Part):
    """One line item of an order that was cancelled."""

    id: Id = always("The line item's id.")
    product_id: Id = always("The product.")
    quantity: Integer = always("The number of pieces.")
    status: OpenEnum[ItemStatus] = always("The status of the line item.")


class OrderCancelledPayload(Payload):
    """The line items of the cancelled order."""

    id: Id = always("The order's id.")
    items: Members[CancelledOrderItem] = always("The line items, with the status of each.", default=())


class CancelledItem(Part):
    """One line item that was cancelled while the order goes on."""

    id: Id = always("The line item's id.")
    product_id: Id = always("The product.")
    cancellation_reason: Text = at_times("The reason for the cancellation.")
    fulfillment_location_id: Id = at_times("The location that was to fulfil the line item.")


class OrderItemsCancelledPayload(Payload):
    """The line items that were cancelled, and no others."""

    id: Id = always("The order's id.")
    items: Members[CancelledItem] = always("The line items that were cancelled.", default=())


class NamedItem(Part):
    """A line item that the event is about. NewStore does not publish its other fields."""

    fields_published = False

    id: Id = at_times("The line item's id.")
    product_id: Id = at_times("The product.")


class OrderItemsPayload(Payload):
    """NewStore does not publish these fields. Only the order's id is certain."""

    fields_published = False

    id: Id = always("The order's id.")
    items: Members[NamedItem] = at_times("The line items that the event is about.", default=())


class OrderCreated(EventModel):
    """An order was placed; its grace period begins. NewStore sends none if the payment could not be authorised."""

    name: Literal["order.created"]
    payload: OrderPayload


class OrderOpened(EventModel):
    """The grace period is over. The order can no longer be changed, and the search for stock begins."""

    name: Literal["order.opened"]
    payload: OrderPayload


class OrderShipped(EventModel):
    """NewStore has deprecated this event. Use `fulfillment_request.items_completed`."""

    name: Literal["order.shipped"]
    payload: OrderItemsPayload


class OrderCompleted(EventModel):
    """The order is closed: each line item was fulfilled or cancelled. Returns come later."""

    name: Literal["order.completed"]
    payload: OrderCompletedPayload


class OrderCancelled(EventModel):
    """The whole order was cancelled. This can happen before the order is opened."""

    name: Literal["order.cancelled"]
    payload: OrderCancelledPayload


class OrderItemsSwapped(EventModel):
    """Line items were replaced by others. Their ids change."""

    name: Literal["order.items_swapped"]
    payload: OrderItemsPayload


class OrderItemsCancelled(EventModel):
    """Some line items were cancelled. The order goes on."""

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
