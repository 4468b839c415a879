"""Compares two versions of a JSON Schema for a topic's readers.

Topics keep records for months, so both directions count: readers with the old schema read new records, and readers with
the new schema read old records. So few changes are compatible: a new optional field, and a new value in a list that
allows others.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from commands.schema.publish.schema_forms import Schema, forms, is_any_text, is_docs, kind, resolved, target

_INSIDE: Final = ("items", "additionalProperties", "contentSchema")
_LOOKED_INTO: Final = frozenset({"$defs", "enum", "properties", "required", "type", *_INSIDE})


class Effect(StrEnum):
    """From the worst effect to the mildest."""

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    DOCS_ONLY = "docs only"


@dataclass(frozen=True, slots=True)
class Difference:
    """One change. `pointer`: a JSON pointer into the published `file`, with `$ref`s followed; `what`: a short
    sentence."""

    effect: Effect
    file: str
    pointer: str
    what: str


def schema_differences(
    file: str, old: Schema, new: Schema, pointer: str = "", *, firm: Set[str] = frozenset()
) -> list[Difference]:
    """Every difference between two self-contained schemas.

    An unknown keyword counts as a constraint, so any change of it is breaking. Changes of `firm` keywords are breaking,
    too, though these only explain.
    """
    return list(dict.fromkeys(_Comparison(file, old, new, firm).compare(pointer, old, new)))


class _Comparison:
    def __init__(self, file: str, old: Schema, new: Schema, firm: Set[str]) -> None:
        self._file, self._old, self._new, self._firm = file, old, new, firm
        self._around: list[tuple[str, str]] = []

    def compare(self, pointer: str, old: Any, new: Any) -> Iterator[Difference]:
        pair = (target(old), target(new))
        if all(pair) and pair in self._around:  # a recursive schema
            return
        self._around.append(pair)
        old, new = resolved(self._old, old), resolved(self._new, new)
        yield from self._docs(pointer, old, new)
        yield from self._forms(pointer, forms(self._old, old), forms(self._new, new))
        self._around.pop()

    def _docs(self, pointer: str, old: Schema, new: Schema) -> Iterator[Difference]:
        for keyword in sorted(filter(is_docs, old.keys() | new.keys())):
            if old.get(keyword) != new.get(keyword):
                effect = Effect.BREAKING if keyword in self._firm else Effect.DOCS_ONLY
                yield Difference(effect, self._file, f"{pointer}/{escaped(keyword)}", "changed")

    def _forms(self, pointer: str, old: Sequence[Schema], new: Sequence[Schema]) -> Iterator[Difference]:
        if len(old) == len(new) == 1 and kind(old[0]) != kind(new[0]):
            yield self._breaking(pointer, f"was {kind(old[0])}, is {kind(new[0])}")
            return
        is_open = any(map(is_any_text, old))
        unmatched = list(new)
        for form in old:
            match = next((other for other in unmatched if kind(other) == kind(form)), None)
            if match is None:
                yield self._breaking(pointer, f"is never {kind(form)} any more")
                continue
            unmatched.remove(match)
            yield from self._values(pointer, form, match, is_open)
            yield from self._constraints(pointer, form, match)
            yield from self._fields(pointer, form, match)
        for form in unmatched:
            yield self._breaking(pointer, f"may now be {kind(form)}")

    def _values(self, pointer: str, old: Schema, new: Schema, is_open: bool) -> Iterator[Difference]:
        before, after = old.get("enum", ()), new.get("enum", ())
        for value in before:
            if value not in after:
                yield self._breaking(f"{pointer}/enum", f"no longer {value!r}")
        for value in after:
            if value not in before:
                effect = Effect.COMPATIBLE if is_open else Effect.BREAKING
                yield Difference(effect, self._file, f"{pointer}/enum", f"new value {value!r}")

    def _constraints(self, pointer: str, old: Schema, new: Schema) -> Iterator[Difference]:
        for keyword in sorted((old.keys() | new.keys()) - _LOOKED_INTO):
            before, after = old.get(keyword, "not there"), new.get(keyword, "not there")
            if before != after:
                yield self._breaking(f"{pointer}/{escaped(keyword)}", f"was {before}, is {after}")
        for keyword in _INSIDE:
            if keyword in old or keyword in new:
                yield from self.compare(f"{pointer}/{keyword}", old.get(keyword, {}), new.get(keyword, {}))

    def _fields(self, pointer: str, old: Schema, new: Schema) -> Iterator[Difference]:
        before, after = old.get("properties", {}), new.get("properties", {})
        required_before, required = set(old.get("required", ())), set(new.get("required", ()))
        for name, schema in before.items():
            where = f"{pointer}/properties/{escaped(name)}"
            if name not in after:
                yield self._breaking(where, "removed or renamed")
                continue
            if name in required - required_before:
                yield self._breaking(where, "is required now: records that are kept may lack it")
            elif name in required_before - required:
                yield self._breaking(where, "is no longer always there")
            yield from self.compare(where, schema, after[name])
        for name in sorted(after.keys() - before.keys()):
            where = f"{pointer}/properties/{escaped(name)}"
            if name in required:
                yield self._breaking(where, "new required field: records that are kept lack it")
            else:
                yield Difference(Effect.COMPATIBLE, self._file, where, "new field")

    def _breaking(self, pointer: str, what: str) -> Difference:
        return Difference(Effect.BREAKING, self._file, pointer, what)


def escaped(name: str) -> str:
    """A name as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
