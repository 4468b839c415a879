"""Events of an employee. NewStore does not publish their payloads."""

from typing import Literal

from schemas.models.base import EventModel, Payload


class EmployeePayload(Payload):
    """NewStore does not publish these fields. Only one thing is certain: an `id`, if there is one, is an identifier."""

    fields_published = False


class EmployeeCreated(EventModel):
    """An employee was added."""

    name: Literal["employee.created"]
    payload: EmployeePayload


class EmployeeUpdated(EventModel):
    """An employee's data was changed."""

    name: Literal["employee.updated"]
    payload: EmployeePayload


EVENTS = (EmployeeCreated, EmployeeUpdated)
