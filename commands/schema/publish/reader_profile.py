"""The reader's profile: the same schemas in a form for code generators.

The tolerant schemas list every type that a field may have, and generators make `Object` and `any` of these. Here each
field has one type, or that type and null: the one that was always seen. Every type has a name in PascalCase, maps too.
If a field has several spellings, only one is there. Known values of a string are in `x-extensible-enum`; others may
come.
"""

from collections.abc import Container
from typing import Final

from commands.schema.publish.json_schema import Schema
from schemas.models.base import SEEN
from schemas.models.values import ABSENT, OR_MAP

KNOWN: Final = "x-extensible-enum"

_OTHER_SPELLINGS: Final = {"Address": {"address_line1", "address_line2"}}
_ANY_OBJECT: Final = {
    "title": "AnyObject",
    "description": "An object of an event, unchanged.",
    "type": ["object", "null"],
    "additionalProperties": True,
}
_NOT_FOR_GENERATORS: Final = frozenset({"x-always", "x-payload-published", SEEN})


def profile_of(schema: Schema, title: str, taken: Container[str] = ()) -> Schema:
    """The profile of a self-contained schema.

    Types whose names are `taken` get the prefix `State`. ValueError: a field has several types.
    """
    return _Profile(schema, taken).made(title)


def pascal(name: str) -> str:
    """`order.items_cancelled` becomes `OrderItemsCancelled`."""
    words = name.translate(str.maketrans(".- ", "___")).split("_")
    return "".join(word[:1].upper() + word[1:] for word in words)


class _Profile:
    def __init__(self, schema: Schema, taken: Container[str]) -> None:
        self._root = {key: value for key, value in schema.items() if key != "$defs"}
        self._parts: dict[str, Schema] = schema.get("$defs", {})
        self._names = {name: f"State{name}" if name in taken else name for name in self._parts}
        self._nullable: set[str] = set()
        self._maps: dict[str, Schema] = {}

    def made(self, title: str) -> Schema:
        root = self._type(self._root, title)
        types = {new: self._type(self._parts[name], name) | {"title": new} for name, new in self._names.items()}
        types |= self._maps
        for name in self._nullable:
            types[name]["type"] = ["object", "null"]
        return root | ({"$defs": types} if types else {})

    def _type(self, schema: Schema, title: str) -> Schema:
        left_out = _OTHER_SPELLINGS.get(title, ())
        fields = {
            name: self._field(name, field)
            for name, field in schema.get("properties", {}).items()
            if name not in left_out
        }
        kept = {key: value for key, value in schema.items() if key not in _NOT_FOR_GENERATORS}
        return kept | {"title": title, "properties": fields}

    def _field(self, name: str, field: Schema) -> Schema:
        forms, or_map = [], {}
        for form in field.get("anyOf", [field]):
            if OR_MAP in form:
                or_map = {OR_MAP: form[OR_MAP]}
            elif form != ABSENT:
                forms.append(self._form(name, form))
        kept = [form for form in forms if form.get("type") != "null"] or forms
        made = {key: value for key, value in _one(name, kept).items() if key not in _NOT_FOR_GENERATORS}
        if SEEN in field:
            made["type"] = field[SEEN]
        if len(kept) < len(forms):
            made = self._or_null(made)
        return made | or_map | _explained(field, made)

    def _form(self, name: str, form: Schema) -> Schema:
        """One form of a value, reduced to one type."""
        kind, members = form.get("type"), form.get("additionalProperties")
        if reference := form.get("$ref"):
            return form | {"$ref": f"#/$defs/{self._names[_last(reference)]}"}
        if isinstance(kind, list):
            return form | {"type": _usual(kind, form)}
        if kind == "array":
            return form | {"items": self._field(name, form["items"])}
        if kind == "object":
            return self._map(name, members) if isinstance(members, dict) else self._named(_ANY_OBJECT)
        return form

    def _map(self, name: str, members: Schema) -> Schema:
        member = self._field(name, members)
        of = _last(member.get("$ref", ""))
        title = f"{of}Map" if of else pascal(name)
        said = f"A map from ids or names to {of}." if of else "A map from names to values."
        return self._named({"title": title, "description": said, "type": "object", "additionalProperties": member})

    def _named(self, schema: Schema) -> Schema:
        """Make an object without fields of its own a named type."""
        self._maps.setdefault(schema["title"], dict(schema))
        return {"$ref": f"#/$defs/{schema['title']}"}

    def _or_null(self, made: Schema) -> Schema:
        if "$ref" in made:  # generators ignore null beside a reference, so the type itself gets it
            self._nullable.add(_last(made["$ref"]))
            return made
        return made | {"type": [made["type"], "null"]}


def _one(name: str, forms: list[Schema]) -> Schema:
    """Join several forms: a list of known strings beside any string becomes a string. ValueError: they are not all
    strings."""
    if len(forms) == 1:
        return forms[0]
    if {form.get("type") for form in forms} != {"string"}:
        raise ValueError(f"{name} has several types")
    known = [value for form in forms for value in form.get("enum", [form["const"]] if "const" in form else [])]
    return {"type": "string", KNOWN: known}


def _usual(kinds: list[str], form: Schema) -> str:
    """The usual type: identifiers are strings, seldom numbers; amounts and quantities are numbers, seldom strings."""
    if form.get("format") == "decimal":
        return "number"
    return "integer" if "integer" in kinds else "string"


def _explained(field: Schema, made: Schema) -> Schema:
    """The description, with what the generator's schema leaves out."""
    said = [field.get("description", "")]
    if made.get("format") != "decimal" and "anyOf" in field:  # a moment's forms say what a missing zone means
        said += [form.get("description", "") for form in field["anyOf"]]
    if KNOWN in made:
        said.append(f"Known: {', '.join(f'`{value}`' for value in made[KNOWN])}; others may come.")
    text = " ".join(filter(None, said))
    return {"description": text} if text else {}


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
