"""Objects that occur in events of several entities."""

from schemas.models.base import Part, always
from schemas.models.values import Id, Text


class ExtendedAttribute(Part):
    """A name and a value that the retailer has attached."""

    name: Text = always()
    value: Id = always("Text as far as seen; a number becomes text.")


class Address(Part):
    """A postal address. Street lines come under two spellings, often both at once."""

    first_name: Text = None
    last_name: Text = None
    address_line_1: Text = None
    address_line_2: Text = None
    address_line1: Text = None
    address_line2: Text = None
    zip_code: Id = None
    city: Text = None
    state: Text = None
    country: Text = None
    phone: Id = None
