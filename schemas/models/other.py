"""Events that nobody has heard of yet: NewStore adds new ones without notice."""

from schemas.models.base import EventModel, Payload


class OtherPayload(Payload):
    """Nothing is certain but that an `id`, where there is one, is an identifier."""

    fields_published = False


class OtherEvent(EventModel):
    """An event whose name no model is for; also a body that is no valid envelope, with `tenant` and `name` empty."""

    tenant: str = ""
    name: str = ""
    payload: OtherPayload = OtherPayload()
