"""What is known of the order as a whole."""

from pydantic import Field

from schemas.order_state.values import AsGiven, Instant, Money, Part


class Customer(Part):
    """Who ordered, and where it goes: the only block with personal data."""

    customer_id: str | None = Field(default=None, description="The customer's id at NewStore; null for a guest.")
    external_customer_id: str | None = Field(default=None, description="The customer's id in another system.")
    customer_email: str | None = Field(default=None, description="The customer's e-mail address.")
    billing_address: AsGiven | None = Field(default=None, description="Whom to bill, as the order gave it.")
    shipping_address: AsGiven | None = Field(default=None, description="Where it goes, as the order gave it.")


class Exchange(Part):
    """What an exchange order is in exchange for."""

    order_id: str | None = Field(default=None, description="The order that the goods came from.")
    return_id: str | None = Field(default=None, description="The return that brought them back.")


class OrderDetails(Part):
    """What `order.created` and `order.opened` say about the order as a whole, field by field the latter's if it says
    anything; `{}` until one of them is read. `current_total` is the grand total without the cancelled items, null
    where it cannot be told exactly."""

    external_id: str | None = Field(default=None, description="The order's number as people know it.")
    created_at: Instant | None = Field(default=None, description="When NewStore took the order; UTC.")
    placed_at: Instant | None = Field(
        default=None, description="When the customer ordered, earlier than `created_at` if it was imported; UTC."
    )
    channel_type: str | None = Field(default=None, description="The kind of channel: `store`, `web` or `mobile`.")
    channel: str | None = Field(default=None, description="The store or shop front.")
    is_historical: bool | None = Field(default=None, description="Whether it was imported from another system.")
    is_exchange: bool | None = Field(default=None, description="Whether it is in exchange for returned goods.")
    exchanges: list[Exchange] | None = Field(default=None, description="What it is in exchange for.")
    associate_id: str | None = Field(default=None, description="Who sold it.")
    demand_location_id: str | None = Field(default=None, description="The location whose demand it is.")
    currency: str | None = Field(default=None, description="ISO 4217, of every amount in this block.")
    price_method: str | None = Field(
        default=None, description="Whether prices contain the tax: `tax_excluded` does not."
    )
    subtotal: Money | None = Field(default=None, description="The items' prices, before discounts.")
    discount_total: Money | None = Field(default=None, description="All discounts, as a positive amount.")
    shipping_total: Money | None = Field(default=None, description="The price of shipping.")
    shipping_tax: Money | None = Field(default=None, description="The tax on shipping.")
    tax_total: Money | None = Field(default=None, description="The tax on the items.")
    grand_total: Money | None = Field(
        default=None, description="What the order costs: subtotal - discounts + shipping + both taxes."
    )
    current_total: Money | None = Field(
        default=None, description="The grand total without the cancelled items; null where it cannot be told exactly."
    )
    tax_strategy: str | None = Field(default=None, description="How, or by whom, taxes were computed.")
    tax_exempt: bool | None = Field(default=None, description="Whether the order is free of tax.")
    discounts: list[AsGiven] | None = Field(
        default=None, description="The discounts, as the order gave them; null if a setting withholds them."
    )
    extended_attributes: list[AsGiven] | None = Field(
        default=None,
        description="Names and values that the retailer attached, as the order gave them; null if a setting withholds "
        "them.",
    )
    customer: Customer | None = Field(
        default=None, description="Who ordered; null if nothing is known, or if a setting withholds it."
    )
