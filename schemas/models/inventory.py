"""Events of stock: `inventory_transaction.*` and `inventory_count.*`. Large ones come in chunks with the same `id`."""

from typing import Literal

from schemas.models.base import EventModel, Part, Payload, always, at_times
from schemas.models.values import FreeMap, Id, Instant, Integer, Members, Text


class ReceivedItem(Part):
    """A product that came in."""

    product_id: Id = always("The product.")
    quantity: Integer = always("Pieces that came in.")
    external_identifiers: FreeMap[Id] = always("Identifiers by kind, such as `sku` or `upc`.", default={})


class ItemsReceivedPayload(Payload):
    """One chunk of a goods receipt."""

    id: Id = always("The receipt's id, the same in all its chunks.")
    fulfillment_location_id: Id = always("Where the goods came in.")
    associate_id: Id = always("`unknown` occurs.")
    processed_at: Instant = always("When they did.")
    shipment_ref: Id = always("The shipment that brought them.")
    order_ref: Id = always("The transfer or purchase order.")
    asn_id: Id = at_times("The advance shipping notice that announced them.")
    stock_location_name: Text = at_times("The part of the location where they are now.")
    chunk_number: Integer = always("From 1.")
    total_chunks: Integer = always("How many chunks there are.")
    items: Members[ReceivedItem] = always("The products of this chunk.", default=())


class StockItem(Part):
    """A product that is moved; NewStore does not publish its fields."""

    fields_published = False

    product_id: Id = at_times("The product.")
    quantity: Integer = at_times("Pieces that are moved.")
    external_identifiers: FreeMap[Id] = at_times("Identifiers by kind, such as `sku` or `upc`.", default={})


class AdjustmentCreatedPayload(Payload):
    """One chunk of a stock adjustment."""

    id: Id = always("The adjustment's id, the same in all its chunks.")
    fulfillment_node_id: Id = always("The location whose stock is adjusted.")
    adjustment_type: Text = always("The kind of adjustment.")
    adjustment_reason: Text = always("Why.")
    origin_stock_location_name: Text = always("The part of the location that the goods leave.")
    destination_stock_location_name: Text = at_times("The part that they go to.")
    note: Text = at_times("Free text.")
    associate_id: Id = always("`unknown` occurs.")
    processed_at: Instant = always("When it was done.")
    chunk_number: Integer = always("From 1.")
    total_chunks: Integer = always("How many chunks there are.")
    items: Members[StockItem] = always("The products of this chunk.", default=())


class AsnCreatedPayload(Payload):
    """One chunk of an advance shipping notice."""

    id: Id = always("The notice's id, the same in all its chunks.")
    chunk_number: Integer = always("From 1.")
    transfer_order_ref: Id = always("The transfer order that is shipped.")
    origin_id: Id = always("Where the goods come from.")
    shipment_ref: Id = always("The shipment.")
    shipment_date: Text = always("When it leaves: a date or a date-time, as it came.")
    items: Members[StockItem] = always("The products of this chunk.", default=())


class InventoryTransactionPayload(Payload):
    """NewStore does not publish these fields; that they come in chunks like the others is inferred."""

    fields_published = False

    chunk_number: Integer = at_times("From 1.")
    total_chunks: Integer = at_times("How many chunks there are.")
    items: Members[StockItem] = at_times("The products of this chunk.", default=())


class CountedItem(Part):
    """A product that was counted."""

    product_id: Id = always("The product.")
    stock_on_hand: Integer = always("What was expected.")
    count: Integer = always("What was there.")


class ItemsCountedPayload(Payload):
    """One chunk of a stock count."""

    id: Id = always("The count's id, the same in all its chunks.")
    count_type: Text = always("The kind of count.")
    fulfillment_location_id: Id = always("Where the stock was counted.")
    associate_id: Id = always("`unknown` occurs.")
    due_date: Text = always("When it was to be done: a date or a date-time, as it came.")
    started_at: Instant = always("When counting began.")
    completed_at: Instant = always("When it ended.")
    chunk_number: Integer = always("From 1.")
    total_chunks: Integer = always("How many chunks there are.")
    items: Members[CountedItem] = always("The products of this chunk.", default=())


class InventoryTransactionItemsReceived(EventModel):
    """Goods came in at a location."""

    name: Literal["inventory_transaction.items_received"]
    payload: ItemsReceivedPayload


class InventoryTransactionItemsReadyForHandover(EventModel):
    """Goods of a transfer wait to be collected."""

    name: Literal["inventory_transaction.items_ready_for_handover"]
    payload: InventoryTransactionPayload


class InventoryTransactionAsnCreated(EventModel):
    """A shipment between locations was announced (advance shipping notice)."""

    name: Literal["inventory_transaction.asn_created"]
    payload: AsnCreatedPayload


class InventoryTransactionAsnClosed(EventModel):
    """An announced shipment is done with."""

    name: Literal["inventory_transaction.asn_closed"]
    payload: InventoryTransactionPayload


class InventoryTransactionAdjustmentCreated(EventModel):
    """Stock was corrected, or moved between stock locations of one place."""

    name: Literal["inventory_transaction.adjustment_created"]
    payload: AdjustmentCreatedPayload


class InventoryTransactionTransferOrderCreated(EventModel):
    """Goods are to go from one location to another."""

    name: Literal["inventory_transaction.transfer_order_created"]
    payload: InventoryTransactionPayload


class InventoryTransactionTransferOrderClosed(EventModel):
    """A transfer between locations is done with."""

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
