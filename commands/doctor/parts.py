"""Whose user it is that lacks permissions: each part of the bridge may have one of its own, to which nothing is wrong
that only another part needs, or one is for all. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from bridge.kafka.acls import COORDINATION, IMPLIED, Acl, Operation, Part, Pattern, Resource, acls
from bridge.settings import Settings
from commands.terminal.permissions import Known

ALL_ALONG: Final = tuple(part for part in Part if part is not Part.MIGRATION)
"""Who has to be allowed something while the bridge runs."""


def needs(settings: Settings, part: Part | None) -> list[Acl]:
    """What a user for this part needs; None: all that any part does. Each resource once."""
    of_each, wanted = acls(settings), (part,) if part else Part
    operations: dict[tuple[Resource, str, Pattern], set[Operation]] = defaultdict(set)
    for need in (need for each in wanted for need in of_each[each]):
        operations[need.resource, need.name, need.pattern].update(need.operations)
    return [Acl(*of, tuple(sorted(needed))) for of, needed in operations.items()]


class Users:
    """Those of all parts, beside the one that we are. `of_each`: what each part needs; `known`: of all of it."""

    def __init__(self, of_each: Mapping[Part, Sequence[Acl]], known: Iterable[Known]) -> None:
        self._of_each = of_each
        self._all = list(known)
        self._known = [each for each in self._all if each.need.name not in COORDINATION]
        """Without what works without it."""

    def fitting(self) -> list[Part]:
        """The parts that lack nothing, if there is nothing that this user may do but what they need."""
        found: list[Part] = [part for part in Part if not self._lacks(part)]
        return found if self._explains(found) else []

    def nearest(self) -> Part | None:
        """The part whose user this seems to be, as there is nothing that it may do but what this one needs. None: it is
        for several, or may do nothing at all."""
        if not any(each.has for each in self._known):
            return None
        possible = [part for part in Part if self._explains([part])]
        return min(possible, key=self._lacks, default=None)

    def of(self, parts: Collection[Part]) -> list[Known]:
        """What these lack."""
        lacked = ((each, [self.lacked(part, each) for part in parts]) for each in self._all)
        return [each._replace(lacks=frozenset[Operation]().union(*lacks)) for each, lacks in lacked]

    def needing(self, lacking: Iterable[Known]) -> list[Part]:
        """Who needs some of what is lacking."""
        missing = list(lacking)
        return [part for part in ALL_ALONG if any(self.lacked(part, each) for each in missing)]

    def lacked(self, part: Part, known: Known) -> frozenset[Operation]:
        """What a part needs of what is lacking."""
        needed = (each.operations for each in self._of_each[part] if each[:3] == known.need[:3])
        return known.lacks.intersection(next(needed, ()))

    def _lacks(self, part: Part) -> int:
        return sum(len(self.lacked(part, each)) for each in self._known)

    def _explains(self, parts: Collection[Part]) -> bool:
        given = [each for part in parts for each in self._of_each[part]]
        return all(each.has <= _allowed(given, each.need) for each in self._known)


def _allowed(given: Iterable[Acl], need: Acl) -> frozenset[Operation]:
    """What these ACLs allow on a resource, or on all whose names begin so."""
    allowed = {operation for each in given if _is_of(each, need) for operation in each.operations}
    return frozenset(allowed).union(*(IMPLIED.get(each, frozenset()) for each in allowed))


def _is_of(acl: Acl, need: Acl) -> bool:
    begins = acl.pattern is Pattern.PREFIXED and need.name.startswith(acl.name)
    return acl.resource is need.resource and (begins or acl.name == need.name)
