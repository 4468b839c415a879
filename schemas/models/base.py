"""What all event models share, and the model of events that nobody has heard of yet: NewStore adds new ones without
notice."""

from typing import Any, ClassVar, Final, Self, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from schemas.models.exact import loads
from schemas.models.values import Id, Instant

_ALWAYS: Final[JsonDict] = {"x-always": True}
"""Marks, in JSON Schema too, the fields that NewStore's documentation does not call optional."""

SEEN: Final = "x-seen"
"""Marks, in JSON Schema too, what type a field always had, where that is not what it would be taken for."""


def always(description: str, *, default: Any = None) -> Any:
    """Return a field that is never absent by the documentation: its absence is a deviation, and no error."""
    return Field(default=default, description=description, json_schema_extra=_ALWAYS)


def at_times(description: str, *, default: Any = None, seen: str | None = None) -> Any:
    """Return a field that may be absent; `seen`: the JSON type it had so far, unlike others of its kind."""
    return Field(default=default, description=description, json_schema_extra=None if seen is None else {SEEN: seen})


def is_always(extra: object) -> bool:
    """Say whether a field with this `json_schema_extra` was declared by `always`."""
    return extra is _ALWAYS


class Part(BaseModel):
    """An object of an event: immutable, and open to fields that nobody knows yet, which are kept in `model_extra`.

    Reading JSON is exact: `model_validate_json` makes `Decimal` of its numbers, where pydantic alone makes floats.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    fields_published: ClassVar[bool] = True
    """Whether NewStore has told what fields there are; else only those are here that are certain."""

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Do what pydantic does, exactly; raises ValueError if it is no JSON."""
        return cls.model_validate(loads(json_data if isinstance(json_data, str) else bytes(json_data)), **options)


class Payload(Part):
    """What an event says."""

    id: Id = at_times("The id of the entity that the event is about.")


def _explain(schema: JsonDict, model: type["EventModel"]) -> None:
    """Say whether the payload is published, and of the two fields that each model narrows what they are."""
    schema["x-payload-published"] = model.payload_published
    fields = schema["properties"]
    for name in ("name", "payload"):
        if isinstance(fields, dict) and isinstance(field := fields[name], dict):
            field.setdefault("description", EventModel.model_fields[name].description)


class EventModel(Part):
    """One event as NewStore sends it, and as it stands byte for byte in the topics."""

    model_config = ConfigDict(json_schema_extra=_explain)

    payload_published: ClassVar[bool] = True
    """Whether NewStore has told what fields the payload has; else only those are here that are certain."""

    tenant: str = Field(description="The NewStore tenant that the event comes from.")
    name: str = Field(description="The event's name, `<entity>.<action>`.")
    published_at: Instant = always("When NewStore generated the event; UTC.")
    payload: Payload = Field(description="The data of the event.")

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Take over from the payload whether its fields are published."""
        super().__pydantic_init_subclass__(**options)
        payload = cls.model_fields["payload"].annotation
        if isinstance(payload, type) and issubclass(payload, Payload):
            cls.payload_published = payload.fields_published


class OtherPayload(Payload):
    """NewStore does not publish these fields. Only one thing is certain: an `id`, if there is one, is an identifier."""

    fields_published = False


class OtherEvent(EventModel):
    """An event whose name no model is for; also a body that is no valid envelope, with `tenant` and `name` empty."""

    tenant: str = ""
    name: str = ""
    payload: OtherPayload = OtherPayload()


def name_of(model: type[EventModel]) -> str:
    """Return the one event name that a model is for."""
    (name,) = get_args(model.model_fields["name"].annotation)
    return str(name)
