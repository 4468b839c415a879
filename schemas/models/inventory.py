"""Events of stock: `inventory_transaction.*` and `inventory_count.*`. Large ones come in chunks with the same `id`."""

from typing import Literal

from schemas.models.base import EventModel, Part, Payload, always, at_times
from schemas.models.values import FreeMap, Id, Instant, Integer, Members, Text


class ReceivedItem(Part):
    """A product that came in."""

    product_id: Id = always("The product.")
    quantity: Integer = always("The number of pieces that came in.")
    external_identifiers: FreeMap[Id] = always("Identifiers by kind, such as `sku` or `upc`.", default={})


class ItemsReceivedPayload(Payload):
    """One chunk of a goods receipt."""

    id: Id = always("The receipt's id, the same in all its chunks.")
    fulfillment_location_id: Id = always("The location where the goods came in.")
    associate_id: Id = always("The associate. The value may be `unknown`.")
    processed_at: Instant = always("When the goods came in.")
    shipment_ref: Id = always("The shipment that brought the goods.")
    order_ref: Id = always("The transfer or purchase order.")
    asn_id: Id = at_times("The advance shipping notice that announced the goods.")
    stock_location_name: Text = at_times("The part of the location where the goods are now.")
    chunk_number: Integer = always("The number of this chunk, counted from 1.")
    total_chunks: Integer = always("The number of chunks.")
    items: Members[ReceivedItem] = always("The products of this chunk.", default=())


class StockItem(Part):
    """A product that is moved. NewStore does not publish its fields."""

    fields_published = False

    product_id: Id = at_times("The product.")
    quantity: Integer = at_times("The number of pieces that are moved.")
    external_identifiers: FreeMap[Id] = at_times("Identifiers by kind, such as `sku` or `upc`.", default={})


class AdjustmentCreatedPayload(Payload):
    """One chunk of a stock adjustment."""

    id: Id = always("The adjustment's id, the same in all its chunks.")
    fulfillment_node_id: Id = always("The location whose stock is adjusted.")
    adjustment_type: Text = always("The kind of adjustment.")
    adjustment_reason: Text = always("The reason for the adjustment.")
    origin_stock_location_name: Text = always("The part of the location that the goods leave.")
    destination_stock_location_name: Text = at_times("The part of the location that the goods go to.")
    note: Text = at_times("Free text.")
    associate_id: Id = always("The associate. The value may be `unknown`.")
    processed_at: Instant = always("When the adjustment was made.")
    chunk_number: Integer = always("The number of this chunk, counted from 1.")
    total_chunks: Integer = always("The number of chunks.")
    items: Members[StockItem] = always("The products of this chunk.", default=())


class AsnCreatedPayload(Payload):
    """One chunk of an advance shipping notice."""

    id: Id = always("The notice's id, the same in all its chunks.")
    chunk_number: Integer = always("The number of this chunk, counted from 1.")
    transfer_order_ref: Id = always("The transfer order that is shipped.")
    origin_id: Id = always("The location that the goods come from.")
    shipment_ref: Id = always("The shipment.")
    shipment_date: Text = always("When the shipment leaves: a date or a date-time, as NewStore sent it.")
    items: Members[StockItem] = always("The products of this chunk.", default=())


class InventoryTransactionPayload(Payload):
    """NewStore does not publish these fields. It is inferred that these events come in chunks, like the others."""

    fields_published = False

    chunk_number: Integer = at_times("The number of this chunk, counted from 1.")
    total_chunks: Integer = at_times("The number of chunks.")
    items: Members[StockItem] = at_times("The products of this chunk.", default=())


class CountedItem(Part):
    """A product that was counted."""

    product_id: Id = always("The product.")
    stock_on_hand: Integer = always("The number of pieces expected.")
    count: Integer = always("The number of pieces found.")


class ItemsCountedPayload(Payload):
    """One chunk of a stock count."""

    id: Id = always("The count's id, the same in all its chunks.")
    count_type: Text = always("The kind of count.")
    fulfillment_location_id: Id = always("The location where the stock was counted.")
    associate_id: Id = always("The associate. The value may be `unknown`.")
    due_date: Text = always("When the count was due: a date or a date-time, as NewStore sent it.")
    started_at: Instant = always("When counting began.")
    completed_at: Instant = always("When counting ended.")
    chunk_number: Integer = always("The number of this chunk, counted from 1.")
    total_chunks: Integer = always("The number of chunks.")
    items: Members[CountedItem] = always("The products of this chunk.", default=())


class InventoryTransactionItemsReceived(EventModel):
    """Goods came in at a location."""

    name: Literal["inventory_transaction.items_received"]
    payload: ItemsReceivedPayload


class InventoryTransactionItemsReadyForHandover(EventModel):
    """Goods of a transfer are ready, and wait to be collected."""

    name: Literal["inventory_transaction.items_ready_for_handover"]
    payload: InventoryTransactionPayload


class InventoryTransactionAsnCreated(EventModel):
    """A shipment between locations was announced (advance shipping notice)."""

    name: Literal["inventory_transaction.asn_created"]
    payload: AsnCreatedPayload


class InventoryTransactionAsnClosed(EventModel):
    """An announced shipment was closed."""

    name: Literal["inventory_transaction.asn_closed"]
    payload: InventoryTransactionPayload


class InventoryTransactionAdjustmentCreated(EventModel):
    """Stock was corrected, or moved between stock locations of one place."""

    name: Literal["inventory_transaction.adjustment_created"]
    payload: AdjustmentCreatedPayload


class InventoryTransactionTransferOrderCreated(EventModel):
    """A transfer of goods from one location to another was ordered."""

    name: Literal["inventory_transaction.transfer_order_created"]
    payload: InventoryTransactionPayload


class InventoryTransactionTransferOrderClosed(EventModel):
    """A transfer between locations was closed."""

    name: Literal["inventory_transaction.transfer_order_closed"]
    payload: InventoryTransactionPayload


class InventoryCountItemsCounted(EventModel):
    """Stock was counted."""

    name: Literal["inventory_count.items_counted"]
    payload: ItemsCountedPayload


EVENTS = (
    InventoryTransactionItemsReceived, InventoryTransactionItemsReadyForHandover, InventoryTransactionAsnCreated,
    InventoryTransactionAsnClosed, InventoryTransactionAdjustmentCreated, InventoryTransactionTransferOrderCreated,
    InventoryTransactionTransferOrderClosed, InventoryCountItemsCounted,
)  # fmt: skip
