"""Whose events raw has: by another tenant's rules all of them would look lost."""

from collections.abc import Iterable

from bridge.kafka.reading import Record
from bridge.printable import printable
from bridge.refusals import Refusal
from commands.terminal.remedies import OF_ANOTHER_TENANT
from schemas.headers import CE_SOURCE, source_of


class OtherTenant(Refusal):
    """All that raw has is of another tenant than the settings say."""

    def __init__(self, source: bytes, tenant: str) -> None:
        theirs = printable(source.decode("utf-8", "backslashreplace"))
        super().__init__(f"What raw has is of {theirs}, and BRIDGE_TENANT here is {tenant}: {OF_ANOTHER_TENANT}")


class Sources:
    """The headers `ce_source` of raw records, each of which has the tenant of the ingress that accepted it."""

    def __init__(self) -> None:
        self._found: set[bytes] = set()

    def add(self, records: Iterable[Record]) -> None:
        """Others may write raw, too, and say nothing."""
        self._found.update(dict(record.headers).get(CE_SOURCE) or b"" for record in records)

    def require(self, tenant: str) -> None:
        """OtherTenant: some say whose they are, and none is of this one. A tenant may have had another name before."""
        if (theirs := self._found - {b""}) and source_of(tenant) not in theirs:
            raise OtherTenant(min(theirs), tenant)
