"""Events of stock: `inventory_transaction.*` and `inventory_count.*`. Large ones come in chunks with the same `id`."""

from typing import Literal

from schemas.models.base import EventModel, Part, Payload, always
from schemas.models.values import FreeMap, Id, Instant, Integer, Members, Text


class ReceivedItem(Part):
    """A product that came in."""

    product_id: Id = always()
    quantity: Integer = always()
    external_identifiers: FreeMap[Id] = always("Identifiers by kind, such as `sku` or `upc`.", default={})


class ItemsReceivedPayload(Payload):
    """One chunk of a goods receipt."""

    id: Id = always("The receipt's id, the same in all its chunks.")
    fulfillment_location_id: Id = always()
    associate_id: Id = always("`unknown` occurs.")
    processed_at: Instant = always()
    shipment_ref: Id = always()
    order_ref: Id = always("The transfer or purchase order.")
    asn_id: Id = None
    stock_location_name: Text = None
    chunk_number: Integer = always("From 1.")
    total_chunks: Integer = always()
    items: Members[ReceivedItem] = always(default=())


class StockItem(Part):
    """A product that is moved; NewStore does not publish its fields."""

    fields_published = False

    product_id: Id = None
    quantity: Integer = None
    external_identifiers: FreeMap[Id] = {}  # noqa: RUF012 - pydantic copies it


class AdjustmentCreatedPayload(Payload):
    """One chunk of a stock adjustment."""

    id: Id = always("The adjustment's id, the same in all its chunks.")
    fulfillment_node_id: Id = always()
    adjustment_type: Text = always()
    adjustment_reason: Text = always()
    origin_stock_location_name: Text = always()
    destination_stock_location_name: Text = None
    note: Text = None
    associate_id: Id = always("`unknown` occurs.")
    processed_at: Instant = always()
    chunk_number: Integer = always("From 1.")
    total_chunks: Integer = always()
    items: Members[StockItem] = always(default=())


class AsnCreatedPayload(Payload):
    """One chunk of an advance shipping notice."""

    id: Id = always("The notice's id, the same in all its chunks.")
    chunk_number: Integer = always("From 1.")
    transfer_order_ref: Id = always()
    origin_id: Id = always("Where the goods come from.")
    shipment_ref: Id = always()
    shipment_date: Text = always()
    items: Members[StockItem] = always(default=())


class InventoryTransactionPayload(Payload):
    """NewStore does not publish these fields; that they come in chunks like the others is inferred."""

    fields_published = False

    chunk_number: Integer = None
    total_chunks: Integer = None
    items: Members[StockItem] = ()


class CountedItem(Part):
    """A product that was counted."""

    product_id: Id = always()
    stock_on_hand: Integer = always("What was expected.")
    count: Integer = always("What was there.")


class ItemsCountedPayload(Payload):
    """One chunk of a stock count."""

    id: Id = always("The count's id, the same in all its chunks.")
    count_type: Text = always()
    fulfillment_location_id: Id = always()
    associate_id: Id = always("`unknown` occurs.")
    due_date: Text = always()
    started_at: Instant = always()
    completed_at: Instant = always()
    chunk_number: Integer = always("From 1.")
    total_chunks: Integer = always()
    items: Members[CountedItem] = always(default=())


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
