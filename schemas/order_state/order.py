"""What is known of the order as a whole."""

from pydantic import Field

from schemas.order_state.values import AsGiven, Instant, Money, Part


class Customer(Part):
    """The customer and the addresses of the order. This is the only block with personal data."""

    customer_id: str | None = Field(default=None, description="The customer's id at NewStore; null for a guest.")
    external_customer_id: str | None = Field(default=None, description="The customer's id in another system.")
    customer_email: str | None = Field(default=None, description="The customer's e-mail address.")
    billing_address: AsGiven | None = Field(
        default=None, description="The billing address, as the order gave it. Null if a common reader would refuse it."
    )
    shipping_address: AsGiven | None = Field(
        default=None, description="The shipping address, as the order gave it. Null if a common reader would refuse it."
    )


class Exchange(Part):
    """The order and the return that an exchange order is in exchange for."""

    order_id: str | None = Field(default=None, description="The order that the goods came from.")
    return_id: str | None = Field(default=None, description="The return that brought the goods back.")


class OrderDetails(Part):
    """Data from `order.created` and `order.opened` about the order as a whole. Each field comes from `order.opened` if
    that event has a value for it. `{}` until one of the two events is read. `current_total` is the grand total without
    the cancelled items; it is null if it cannot be told exactly."""

    external_id: str | None = Field(default=None, description="The order number that people use.")
    created_at: Instant | None = Field(default=None, description="When NewStore took the order; UTC.")
    placed_at: Instant | None = Field(
        default=None, description="When the customer ordered; UTC. Earlier than `created_at` if the order was imported."
    )
    channel_type: str | None = Field(default=None, description="The kind of channel: `store`, `web` or `mobile`.")
    channel: str | None = Field(default=None, description="The store or shop front.")
    is_historical: bool | None = Field(default=None, description="Whether the order was imported from another system.")
    is_exchange: bool | None = Field(default=None, description="Whether the order is in exchange for returned goods.")
    exchanges: list[Exchange] | None = Field(
        default=None, description="The orders and returns that this order is in exchange for."
    )
    associate_id: str | None = Field(
        default=None, description="The associate who sold the order. The value may be `unknown`."
    )
    demand_location_id: str | None = Field(default=None, description="The location whose demand the order is.")
    currency: str | None = Field(default=None, description="ISO 4217 code of every amount in this block.")
    price_method: str | None = Field(
        default=None, description="Whether prices contain the tax. `tax_excluded`: they do not."
    )
    subtotal: Money | None = Field(default=None, description="The sum of the items' prices, before discounts.")
    discount_total: Money | None = Field(default=None, description="All discounts, as a positive amount.")
    shipping_total: Money | None = Field(default=None, description="The price of shipping.")
    shipping_tax: Money | None = Field(default=None, description="The tax on shipping.")
    tax_total: Money | None = Field(default=None, description="The tax on the items.")
    grand_total: Money | None = Field(
        default=None, description="The price of the order: subtotal - discounts + shipping + both taxes."
    )
    current_total: Money | None = Field(
        default=None, description="The grand total without the cancelled items; null if it cannot be told exactly."
    )
    tax_strategy: str | None = Field(default=None, description="The method or the service that computed the taxes.")
    tax_exempt: bool | None = Field(default=None, description="Whether the order is tax-exempt.")
    discounts: list[AsGiven] | None = Field(
        default=None,
        description="The discounts, as the order gave them. Null if a setting withholds them, or if a common reader"
        " would refuse them.",
    )
    extended_attributes: list[AsGiven] | None = Field(
        default=None,
        description="Names and values that the retailer attached, as the order gave them. Null if a setting"
        " withholds them, or if a common reader would refuse them.",
    )
    customer: Customer | None = Field(
        default=None, description="The customer. Null if nothing is known, or if a setting withholds it."
    )
