"""Oddities in typed fields, which the bridge lets pass, and what each package reads of them."""

from decimal import Decimal
from typing import Final, NamedTuple

_LONG_NAME: Final = "k" * 50_001
_LONG_NUMBER: Final = "9" * 1_001
_VAST_NUMBER: Final = "9" * 3_000_000
_RATE: Final = "tax_provider_details.0.rate"


class OddField(NamedTuple):
    """Members of a payload in JSON, and what is read at a path in it. A Decimal: an amount. `{}`: no map."""

    members: str
    path: str
    read: object
    too_large_for: tuple[str, ...] = ()
    """Languages whose numbers end before it: they read null."""
    name: str = "order.opened"

    def event(self) -> bytes:
        """The value of the event's record."""
        envelope = f'"tenant":"t","name":"{self.name}","published_at":"2026-01-01T00:00:00Z"'
        return f'{{{envelope},"payload":{{"external_id":"o",{self.members}}}}}'.encode()

    def read_in(self, language: str) -> object:
        """What this language's package reads."""
        return None if language in self.too_large_for else self.read


def _of_item(members: str, path: str, read: object, *too_large_for: str) -> OddField:
    return OddField(f'"items":[{{{members}}}]', f"items.0.{path}", read, too_large_for)


def _of_payment(attributes: str, path: str, read: object) -> OddField:
    members = f'"transactions":[{{"extended_attributes":{attributes}}}]'
    return OddField(members, f"transactions.0.{path}", read, name="payment_account.amount_captured")


ODD_FIELDS: Final = (
    *(OddField(f'"billing_address":{odd}', "billing_address", None) for odd in ('""', '" "', '"x"', "5", "[]", "null")),
    *(OddField(f'"items":{odd}', "items", []) for odd in ('""', '" "', '"x"', "5", "{}", "true", "null")),
    *(OddField(f'"items":[{odd}]', "items", []) for odd in ('""', '"x"', "5", "[]", "null", 'null,"x"')),
    OddField('"items":[null,{"id":"a"}]', "items.0.id", "a"),
    *(
        _of_item(f'"external_identifiers":{odd}', "external_identifiers", {})
        for odd in ('""', '"x"', "5", "[]", "null")
    ),
    _of_item('"external_identifiers":{"sku":{},"ean13":4}', "external_identifiers.ean13", "4"),
    *(_of_payment(odd, "extended_attributes", []) for odd in ('""', '"x"', "5", "{}", "null", '["x"]')),
    *(
        _of_payment(odd, "extended_attributes.1.value", "4")
        for odd in ('{"a":{"b":[1]},"c":4}', '[{"name":"a"},{"name":"c","value":4}]')
    ),
    _of_payment('{"a":{"b":[1]},"c":null}', "extended_attributes.0.value", None),
    _of_payment('{"a":{"b":[1]},"c":null}', "extended_attributes.1.name", "c"),
    OddField('"extended_attributes":{"a":"b"}', "extended_attributes", []),
    *(_of_item(f'"quantity":{odd}', "quantity", 2) for odd in ("2.0", '"2"', '" 2 "', "20e-1")),
    *(_of_item(f'"quantity":{odd}', "quantity", None) for odd in ("1.5", '"1.5"', "true", "{}", "[1]", '""')),
    _of_item('"quantity":99999999999999999999', "quantity", 99999999999999999999, "java", "node"),
    _of_item('"quantity":1e30', "quantity", 10**30, "java", "node"),
    *(_of_item(f'"tax_provider_details":[{{"rate":{odd}}}]', _RATE, None) for odd in ('""', "{}", "[1]", "true")),
    *(OddField(f'"grand_total":{odd}', "grand_total", Decimal("12.5")) for odd in ("12.50", '" 12.50 "', "125e-1")),
    *(
        OddField(f'"grand_total":{odd}', "grand_total", None)
        for odd in ('"12,50"', "{}", "[1]", "true", '"+5"', '".5"')
    ),
    *(OddField(f'"grand_total":{odd}', "grand_total", None) for odd in ("1e99999999999", "1e9999999999999999999")),
    *(OddField(f'"tax_exempt":{odd}', "tax_exempt", None) for odd in ("1", "0", '"true"', '""', "{}", "[true]")),
    OddField('"tax_exempt":true', "tax_exempt", True),
    *(OddField(f'"currency":{odd}', "currency", None) for odd in ("true", "{}", '["EUR"]')),
    *(OddField(f'"external_customer_id":{odd}', "external_customer_id", None) for odd in ("true", "{}", "[1]")),
    OddField('"external_customer_id":42', "external_customer_id", "42"),
    OddField(f'"no_such_field":{_LONG_NUMBER}', "external_id", "o"),
    OddField(f'"grand_total":{_VAST_NUMBER}', "grand_total", None),
    OddField('"no_such_field":{"in":[1e99999999999]}', "external_id", "o"),
    OddField(f'"{_LONG_NAME}":1', "external_id", "o"),
)

NO_JSON: Final = (
    _of_item('"quantity":NaN', "quantity", None),
    OddField('"grand_total":NaN', "grand_total", None),
    OddField('"grand_total":-Infinity', "grand_total", None),
    OddField('"external_customer_id":NaN', "external_customer_id", None),
)
"""What Node does not accept as JSON."""

WRITTEN: Final = tuple(
    OddField(f'"external_customer_id":{number}', "external_customer_id", number)
    for number in ("12345678901234567890", "9007199254740993", "1.10")
)
"""Identifiers that are numbers which no binary number holds exactly."""
