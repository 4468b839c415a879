"""Finds the part whose user this is. Each part may have its own user, which needs no permissions of other parts; or one
user may serve all. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from bridge.kafka.acls import COORDINATION, IMPLIED, Acl, Operation, Part, Pattern, Resource, acls
from bridge.settings import Settings
from commands.terminal.permissions import Known

ALL_ALONG: Final = tuple(part for part in Part if part is not Part.MIGRATION)
"""Parts that need permissions while the bridge runs."""


def needs(settings: Settings, part: Part | None) -> list[Acl]:
    """Permissions that a part's user needs, each resource once; None: those of all parts."""
    of_each, wanted = acls(settings), (part,) if part else Part
    operations: dict[tuple[Resource, str, Pattern], set[Operation]] = defaultdict(set)
    for need in (need for each in wanted for need in of_each[each]):
        operations[need.resource, need.name, need.pattern].update(need.operations)
    return [Acl(*of, tuple(sorted(needed))) for of, needed in operations.items()]


class Users:
    """Compares our permissions with the needs of all parts. `of_each`: needs of each part; `known`: what is known of
    all needs."""

    def __init__(self, of_each: Mapping[Part, Sequence[Acl]], known: Iterable[Known]) -> None:
        self._of_each = of_each
        self._all = list(known)
        self._known = [each for each in self._all if each.need.name not in COORDINATION]
        """Without those that the bridge can do without."""

    def fitting(self) -> list[Part]:
        """The parts that lack nothing, if this user may do nothing else than they need; otherwise none."""
        found: list[Part] = [part for part in Part if not self._lacks(part)]
        return found if self._explains(found) else []

    def nearest(self) -> Part | None:
        """The part whose user this seems to be: this user may do nothing that the part does not need. Of several, the
        one that lacks least. None: this user is for several parts, or may do nothing at all."""
        if not any(each.has for each in self._known):
            return None
        possible = [part for part in Part if self._explains([part])]
        return min(possible, key=self._lacks, default=None)

    def own(self) -> list[Part]:
        """The fitting parts whose needs include those of all others that fit: a migration's user may do all that a
        worker needs, and is no worker's."""
        fitting = self.fitting()
        return [part for part in fitting if self._explains([part])] or fitting

    def of(self, parts: Collection[Part]) -> list[Known]:
        """All needs, each with what these parts lack."""
        lacked = ((each, [self.lacked(part, each) for part in parts]) for each in self._all)
        return [each._replace(lacks=frozenset[Operation]().union(*lacks)) for each, lacks in lacked]

    def needing(self, lacking: Iterable[Known]) -> list[Part]:
        """Parts that need some of what is missing."""
        missing = list(lacking)
        return [part for part in ALL_ALONG if any(self.lacked(part, each) for each in missing)]

    def lacked(self, part: Part, known: Known) -> frozenset[Operation]:
        """What is missing and the part needs."""
        needed = (each.operations for each in self._of_each[part] if each[:3] == known.need[:3])
        return known.lacks.intersection(next(needed, ()))

    def _lacks(self, part: Part) -> int:
        return sum(len(self.lacked(part, each)) for each in self._known)

    def _explains(self, parts: Collection[Part]) -> bool:
        given = [each for part in parts for each in self._of_each[part]]
        return all(each.has <= _allowed(given, each.need) for each in self._known)


def _allowed(given: Iterable[Acl], need: Acl) -> frozenset[Operation]:
    """What these ACLs allow on a resource, or on all resources with a prefix."""
    allowed = {operation for each in given if _is_of(each, need) for operation in each.operations}
    return frozenset(allowed).union(*(IMPLIED.get(each, frozenset()) for each in allowed))


def _is_of(acl: Acl, need: Acl) -> bool:
    begins = acl.pattern is Pattern.PREFIXED and need.name.startswith(acl.name)
    return acl.resource is need.resource and (begins or acl.name == need.name)
