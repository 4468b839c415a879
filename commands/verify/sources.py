"""Checks whose events raw holds: with another tenant's settings, all would look lost."""

from collections.abc import Iterable

from bridge.kafka.reading import Record
from bridge.printable import printable
from bridge.refusals import Refusal
from commands.terminal.remedies import OF_ANOTHER_TENANT
from schemas.headers import CE_SOURCE, source_of


class OtherTenant(Refusal):
    """All that raw holds is of another tenant than the settings'."""

    def __init__(self, source: bytes, tenant: str) -> None:
        theirs = printable(source.decode("utf-8", "backslashreplace"))
        super().__init__(f"What raw has is of {theirs}, and BRIDGE_TENANT here is {tenant}: {OF_ANOTHER_TENANT}")


class Sources:
    """The `ce_source` headers of raw records: each has the tenant of the ingress that accepted the record."""

    def __init__(self) -> None:
        self._found: set[bytes] = set()

    def add(self, records: Iterable[Record]) -> None:
        """Add records. Other programs may have written some without the header."""
        self._found.update(dict(record.headers).get(CE_SOURCE) or b"" for record in records)

    def require(self, tenant: str) -> None:
        """OtherTenant: some records name a tenant, and none names this one. Others may be there, because a tenant may
        have been renamed."""
        if (theirs := self._found - {b""}) and source_of(tenant) not in theirs:
            raise OtherTenant(min(theirs), tenant)
