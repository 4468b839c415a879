"""Compares two versions of the AsyncAPI document: topics, keys, headers, and each topic's messages.

Bodies are compared in their schemas' own files; here only which schema a message has.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from commands.schema.publish.schema_difference import Difference, Effect, escaped, schema_differences
from commands.schema.publish.schema_forms import resolved

Json = Mapping[str, Any]

_FIRM: Final = ("address", "x-record-key", "x-partitioning", "x-delivery-guarantee", "x-internal")
_EXPLAINED: Final = ("description", "tags", "title", "x-ordering")
_KEEPS: Final = frozenset({"delete.retention.ms", "retention.bytes", "retention.ms"})


def topic_differences(file: str, old: Json, new: Json) -> list[Difference]:
    """Every difference in what readers of the topics rely on."""
    return list(_Comparison(file, old, new).channels())


class _Comparison:
    def __init__(self, file: str, old: Json, new: Json) -> None:
        self._file, self._old, self._new = file, old, new

    def channels(self) -> Iterator[Difference]:
        before, after = self._old["channels"], self._new["channels"]
        for name, channel in before.items():
            where = f"/channels/{escaped(name)}"
            if name not in after:
                yield self._found(Effect.BREAKING, where, "topic removed")
                continue
            yield from self._channel(where, channel, after[name])
        for name in sorted(after.keys() - before.keys()):
            yield self._found(Effect.COMPATIBLE, f"/channels/{escaped(name)}", "new topic")

    def _channel(self, where: str, old: Json, new: Json) -> Iterator[Difference]:
        for keywords, effect in ((_FIRM, Effect.BREAKING), (_EXPLAINED, Effect.DOCS_ONLY)):
            for keyword in keywords:
                if old.get(keyword) != new.get(keyword):
                    yield self._changed(effect, f"{where}/{keyword}", old.get(keyword), new.get(keyword))
        yield from self._topic(f"{where}/bindings/kafka", old["bindings"]["kafka"], new["bindings"]["kafka"])
        for name in old["messages"]:
            there = f"{where}/messages/{escaped(name)}"
            if name not in new["messages"]:
                yield self._found(Effect.BREAKING, there, "is no longer in this topic")
            elif not old.get("x-internal"):
                yield from self._message(there, name)
        for name in sorted(new["messages"].keys() - old["messages"].keys()):
            yield self._found(Effect.COMPATIBLE, f"{where}/messages/{escaped(name)}", "new in this topic")

    def _topic(self, where: str, old: Json, new: Json) -> Iterator[Difference]:
        if old["partitions"] != new["partitions"]:
            yield self._changed(Effect.BREAKING, f"{where}/partitions", old["partitions"], new["partitions"])
        before, after = old["topicConfiguration"], new["topicConfiguration"]
        for name in sorted(before.keys() | after.keys()):
            was, is_ = before.get(name), after.get(name)
            if was != is_:
                effect = Effect.BREAKING if _forgets_more(name, was, is_) else Effect.COMPATIBLE
                yield self._changed(effect, f"{where}/topicConfiguration/{name}", was, is_)

    def _message(self, where: str, name: str) -> Iterator[Difference]:
        old, new = _message(self._old, name), _message(self._new, name)
        for keyword in ("contentType", "payload", "bindings"):
            if old.get(keyword) != new.get(keyword):
                yield self._changed(Effect.BREAKING, f"{where}/{keyword}", old.get(keyword), new.get(keyword))
        headers = resolved(self._old, old["headers"]), resolved(self._new, new["headers"])
        yield from schema_differences(self._file, *headers, pointer=f"{where}/headers")

    def _changed(self, effect: Effect, where: str, old: object, new: object) -> Difference:
        return self._found(effect, where, f"was {old}, is {new}")

    def _found(self, effect: Effect, where: str, what: str) -> Difference:
        return Difference(effect, self._file, where, what)


def _message(document: Json, name: str) -> dict[str, Any]:
    """A message with its traits."""
    message: dict[str, Any] = document["components"]["messages"][name]
    merged: dict[str, Any] = {}
    for trait in message.get("traits", ()):
        merged |= resolved(document, trait)
    return merged | message


def _forgets_more(name: str, old: Any, new: Any) -> bool:
    """Whether a changed setting may delete records earlier. -1: keep for ever; None: the cluster's default."""
    if name not in _KEEPS:
        return name == "cleanup.policy"
    return None in {old, new} or (new != -1 and (old == -1 or new < old))
