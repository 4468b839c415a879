"""Events of a customer. NewStore does not publish their payloads; the fields of a profile were seen."""

from typing import Literal

from schemas.models.base import EventModel, Part, Payload, at_times
from schemas.models.values import Id, Instant, Integer, Nested, Text


class CustomerPayload(Payload):
    """NewStore does not publish these fields. Only one thing is certain: an `id`, if there is one, is an identifier."""

    fields_published = False


class CustomerSource(Part):
    """The store and the associate that registered a customer."""

    fields_published = False

    location_id: Id = at_times("The store.")
    associate_id: Id = at_times("The associate who registered the customer. The value may be `unknown`.")
    associate_name: Text = at_times("The name of the associate.")
    associate_email: Text = at_times("The e-mail address of the associate.")


class CustomerProfilePayload(Payload):
    """A customer's profile. NewStore does not publish its fields. These fields were seen, and there may be others."""

    fields_published = False

    email: Text = at_times("The customer's e-mail address.")
    first_name: Text = at_times("Empty if not given.")
    last_name: Text = at_times("Empty if not given.")
    phone: Id = at_times("A telephone number.")
    source: Nested[CustomerSource] = at_times("The store and the associate that registered the customer.")
    created_at: Instant = at_times("When the profile was created.")
    updated_at: Instant = at_times("When the profile was last changed.")
    revision: Integer = at_times("The version of the profile.")


class CustomerCreated(EventModel):
    """A customer's profile was created."""

    name: Literal["customer.created"]
    payload: CustomerProfilePayload


class CustomerUpdated(EventModel):
    """A customer's profile was changed."""

    name: Literal["customer.updated"]
    payload: CustomerProfilePayload


class CustomerAddressCreated(EventModel):
    """An address was added to a customer's profile."""

    name: Literal["customer.address_created"]
    payload: CustomerPayload


class CustomerAddressUpdated(EventModel):
    """An address of a customer was changed."""

    name: Literal["customer.address_updated"]
    payload: CustomerPayload


class CustomerAddressDeleted(EventModel):
    """An address was removed from a customer's profile."""

    name: Literal["customer.address_deleted"]
    payload: CustomerPayload


EVENTS = (CustomerCreated, CustomerUpdated, CustomerAddressCreated, CustomerAddressUpdated, CustomerAddressDeleted)
