"""Findings on the permissions that this user lacks, with commands that grant them. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from bridge.kafka.acls import COORDINATION, Operation, Part, Pattern, Resource, acls
from bridge.kafka.words import principal
from bridge.settings import Settings
from commands.doctor.finding import Finding, ok, warning, wrong
from commands.doctor.parts import ALL_ALONG, Users
from commands.terminal.permissions import ACL_OPTIONS, Known, not_allowed, pascal

_ASK: Final = "`bridge doctor --part PART` says what the user of that part lacks"


def findings_of(settings: Settings, part: Part | None, known: Sequence[Known]) -> list[Finding]:
    """Findings for a part. None: its permissions tell whose user this is, and a user for all parts need not be able to
    migrate."""
    users = Users(acls(settings), known)
    lacking = users.of([part] if part else ALL_ALONG)
    if part is not None or not any(each.lacks for each in lacking if not _is_kafkas(each)):
        return [*_lacking(settings, lacking)] or [ok("permissions", "everything that the bridge does is allowed")]
    if fitting := users.fitting():
        return [_fits(fitting), *_lacking(settings, users.of(users.own()))]
    if (nearest := users.nearest()) is not None:
        found = _lacking(settings, users.of([nearest]), lambda _: f"; {nearest} needs it, whose user this seems to be")
    else:
        found = _lacking(settings, lacking, lambda mine: _needed(users.needing(mine)))
    *others, last = found
    return [
        *others,
        last._replace(remedies=(*last.remedies, f"if this is the user of another part, or of one alone: {_ASK}")),
    ]


def _fits(parts: Sequence[Part]) -> Finding:
    what = f"this user may do all that {_listed(parts)} need{'s' if len(parts) == 1 else ''}, and nothing besides"
    others = _listed([part for part in ALL_ALONG if part not in parts])
    return warning("permissions", what, f"if it is to be the user of {others}, too: {_ASK}")


def _lacking(
    settings: Settings, known: Iterable[Known], whose: Callable[[list[Known]], str] = lambda _: ""
) -> Iterator[Finding]:
    """A finding for each kind of resource; `whose` says who needs the missing permissions."""
    lacking = [each for each in known if each.lacks]
    for resource in Resource:
        if mine := [each for each in lacking if each.need.resource is resource and not _is_kafkas(each)]:
            yield wrong("permissions", f"{not_allowed(mine)}{whose(mine)}", *_commands(settings, mine))
    if coordination := [each for each in lacking if _is_kafkas(each)]:
        yield warning("permissions", not_allowed(coordination), *_commands(settings, coordination))


def _commands(settings: Settings, lacking: Sequence[Known]) -> Iterator[str]:
    """Commands that grant them.

    With login or TLS, they need a file with the properties of an administrator's client, as this user may not grant.
    """
    option = ACL_OPTIONS[lacking[0].need.resource]
    servers = ",".join(settings.kafka_bootstrap_servers)
    administrator = "" if settings.kafka_security_protocol == "PLAINTEXT" else " --command-config admin.properties"
    start = f"kafka-acls.sh --bootstrap-server {servers}{administrator} --add --allow-principal {principal(settings)}"
    for (operations, pattern), alike in _together(lacking).items():
        prefixed = " --resource-pattern-type prefixed" if pattern is Pattern.PREFIXED else ""
        names = "".join(f" {option} {name}" for name in alike)
        allowed = "".join(f" --operation {pascal(operation)}" for operation in operations)
        yield f"{start}{prefixed}{names}{allowed}"


def _together(lacking: Iterable[Known]) -> Mapping[tuple[tuple[Operation, ...], Pattern], list[str]]:
    """Names that one command can grant."""
    names: dict[tuple[tuple[Operation, ...], Pattern], list[str]] = defaultdict(list)
    for need, _, lacks in lacking:
        names[tuple(each for each in need.operations if each in lacks), need.pattern].append(need.name)
    return names


def _is_kafkas(known: Known) -> bool:
    return known.need.name in COORDINATION


def _needed(parts: Sequence[Part]) -> str:
    return f"; {_listed(parts)} need{'s' if len(parts) == 1 else ''} it"


def _listed(parts: Sequence[Part]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
