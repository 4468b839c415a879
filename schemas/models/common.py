"""Objects that occur in events of several entities."""

from schemas.models.base import Part, always, at_times
from schemas.models.values import Id, Text


class ExtendedAttribute(Part):
    """A name and a value that the retailer attached."""

    name: Text = always("The attribute's name.")
    value: Id = always("The attribute's value. So far it was always text; a number becomes text.")


class Address(Part):
    """A postal address. The names of the street lines have two spellings, and an address often has both."""

    first_name: Text = at_times("Empty if not given.")
    last_name: Text = at_times("Empty if not given.")
    address_line_1: Text = at_times("Street and number.")
    address_line_2: Text = at_times("An addition to the street line.")
    address_line1: Text = at_times("The same as `address_line_1`, in another spelling.")
    address_line2: Text = at_times("The same as `address_line_2`, in another spelling.")
    zip_code: Id = at_times("The postal code.")
    city: Text = at_times("The city or town.")
    state: Text = at_times("The state or province.")
    country: Text = at_times("ISO 3166-1 alpha-2 code of the country.")
    phone: Id = at_times("A telephone number.")
