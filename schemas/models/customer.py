"""Events of a customer. NewStore does not publish their payloads."""

from typing import Literal

from schemas.models.base import EventModel, Payload


class CustomerPayload(Payload):
    """Nothing is certain but that an `id`, where there is one, is an identifier."""

    fields_published = False


class CustomerCreated(EventModel):
    """A customer's profile was created."""

    name: Literal["customer.created"]
    payload: CustomerPayload


class CustomerUpdated(EventModel):
    """A customer's profile was changed."""

    name: Literal["customer.updated"]
    payload: CustomerPayload


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
