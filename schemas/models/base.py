"""The base of all event models, and the model of unknown events: NewStore adds events without notice."""

from typing import Any, ClassVar, Final, Self, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from schemas.models.exact import loads
from schemas.models.values import Id, Instant

_ALWAYS: Final[JsonDict] = {"x-always": True}
"""Marks, also in JSON Schema, the fields that NewStore's documentation does not call optional."""

SEEN: Final = "x-seen"
"""Marks, also in JSON Schema, a field that always had another type than one would expect; the value is that type."""


def always(description: str, *, default: Any = None) -> Any:
    """Return a field that the documentation does not call optional. Its absence is a deviation, and no error."""
    return Field(default=default, description=description, json_schema_extra=_ALWAYS)


def at_times(description: str, *, default: Any = None, seen: str | None = None) -> Any:
    """Return a field that may be absent. `seen`: the JSON type that it always had, if one would expect another."""
    return Field(default=default, description=description, json_schema_extra=None if seen is None else {SEEN: seen})


def is_always(extra: object) -> bool:
    """Say whether a field with this `json_schema_extra` was declared by `always`."""
    return extra is _ALWAYS


class Part(BaseModel):
    """An object of an event. It is immutable, and keeps unknown fields in `model_extra`.

    `model_validate_json` is exact: it reads as `Decimal` what pydantic alone reads as float.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    fields_published: ClassVar[bool] = True
    """Whether NewStore publishes the fields. If not, the model has only those that are certain, seen or inferred."""

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Do as pydantic does, but read numbers exactly. ValueError: it is no JSON, or not valid."""
        return cls.model_validate(loads(json_data if isinstance(json_data, str) else bytes(json_data)), **options)


class Payload(Part):
    """What an event says."""

    id: Id = at_times("The id of the entity that the event is about.")


def _explain(schema: JsonDict, model: type["EventModel"]) -> None:
    """Add whether the payload is published, and the descriptions of the two fields that each model narrows."""
    schema["x-payload-published"] = model.payload_published
    fields = schema["properties"]
    for name in ("name", "payload"):
        if isinstance(fields, dict) and isinstance(field := fields[name], dict):
            field.setdefault("description", EventModel.model_fields[name].description)


class EventModel(Part):
    """One event as NewStore sends it, and as it stands byte for byte in the topics."""

    model_config = ConfigDict(json_schema_extra=_explain)

    payload_published: ClassVar[bool] = True
    """Whether NewStore publishes the payload's fields, as `fields_published` of the payload."""

    tenant: str = Field(description="The NewStore tenant that the event comes from.")
    name: str = Field(description="The event's name, `<entity>.<action>`.")
    published_at: Instant = always("When NewStore generated the event; UTC.")
    payload: Payload = Field(description="The data of the event.")

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Set `payload_published` from the payload."""
        super().__pydantic_init_subclass__(**options)
        payload = cls.model_fields["payload"].annotation
        if isinstance(payload, type) and issubclass(payload, Payload):
            cls.payload_published = payload.fields_published


class OtherPayload(Payload):
    """NewStore does not publish these fields. Only one thing is certain: an `id`, if there is one, is an identifier."""

    fields_published = False


class OtherEvent(EventModel):
    """An event without a model. Also a body that is no valid envelope: then `tenant` and `name` are empty."""

    tenant: str = ""
    name: str = ""
    payload: OtherPayload = OtherPayload()


def name_of(model: type[EventModel]) -> str:
    """Return the event name of a model."""
    (name,) = get_args(model.model_fields["name"].annotation)
    return str(name)
