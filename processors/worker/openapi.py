"""The OpenAPI document of the worker's HTTP API."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from bridge.http.bounds import BODY_S
from bridge.http.openapi import PROBLEM, Object, document, refusal, unauthorized
from processors.worker.changing.acknowledgements import MOST_REASON
from processors.worker.changing.acknowledgements import PATH as ACKNOWLEDGE
from processors.worker.changing.erasures import PATH as ERASE
from processors.worker.other_deployments import KAFKA_CLUSTER, TENANT, TOPIC_PREFIX
from processors.worker.queries.choosing import ANY_ID, BLIND_BY_ID, BY_ID, FLAGS, PROVISIONAL, STATUS, STATUSES
from processors.worker.queries.deliveries import MOST as MOST_IDS
from processors.worker.queries.gap_page import GAP_LISTS
from processors.worker.queries.queries import LIMIT, MOST
from processors.worker.queries.timeline import ORDERS
from schemas.order_answers import Acknowledged, Answer, BlindReturns, Event, Gaps, Order, Orders, Seen, Timeline

_MODELS: Final = (Order, Timeline, Event, Orders, BlindReturns, Gaps, Seen, Acknowledged)
_, _SCHEMAS = models_json_schema(
    [(model, "serialization") for model in _MODELS], ref_template="#/components/schemas/{model}"
)

_NOT_THERE: Final = "NotThere"
_ANSWER: Final = Answer.model_json_schema(mode="serialization")
_NOT_THERE_SCHEMA: Final[Object] = {
    **PROBLEM,
    "description": "A problem document that says as an answer how old and how far it is: what is not there may come.",
    "required": PROBLEM["required"] + _ANSWER["required"],
    "properties": PROBLEM["properties"] | _ANSWER["properties"],
}

_BY_ID_SAYS: Final[Mapping[str, str]] = {
    "external_id": "The number that people know, in either case, with or without leading zeros.",
    "return_id": "A return of the order.",
    "request_id": "A fulfilment request of it.",
    "refund_request_id": "A refund request of it.",
    "transaction_id": "A transaction of one of its payments.",
    "tracking_code": "A parcel's.",
    "exchange_of": "An order that it is in exchange for.",
}


def _in_path(name: str, description: str) -> Object:
    schema = {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _in_query(name: str, description: str, **schema: Any) -> Object:
    return {"name": name, "in": "query", "description": description, "schema": schema or {"type": "string"}}


def _json(schema: Object) -> Object:
    return {"application/json": {"schema": schema}}


def _get(
    operation: str, summary: str, parameters: Sequence[Object], description: str, schema: str, refusals: Object
) -> Object:
    """A GET whose answer has this schema."""
    answer = {
        "description": description,
        "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
        "content": _json({"$ref": f"#/components/schemas/{schema}"}),
    }
    responses = {"200": answer, "304": _NOT_MODIFIED, **_OF_STRANGERS, **refusals}
    known = {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of an answer that is known: 304 if nothing but its age has changed.",
        "schema": {"type": "string"},
    }
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "parameters": [*parameters, known],
            "responses": responses,
        }
    }


_OF_STRANGERS: Final = {
    "401": unauthorized(),
    "421": refusal(
        "No keys are set, and this is no address or name of the own network; or a deployment is meant that is not this"
        f" worker's: `{TOPIC_PREFIX}`, `{TENANT}` (percent-encoded) and `{KAFKA_CLUSTER}` may say which."
    ),
}
_OF_POSTS: Final = _OF_STRANGERS | {"403": refusal("A page of another site posts this.")}
_OF_BODIES: Final = {
    "408": refusal(f"The body did not come within {BODY_S:g} s."),
    "413": refusal("The body has more than 16 KiB."),
}
_NOT_MODIFIED: Final = {"description": "As `If-None-Match` says."}
_ORDER_ID: Final = _in_path("order_id", "The order's `id` in NewStore, percent-encoded.")


def _page(default: int = LIMIT) -> tuple[Object, Object]:
    """The parameters of lists."""
    return (
        _in_query("limit", "Most entries of the page.", type="integer", minimum=1, maximum=MOST, default=default),
        _in_query("after", "`next` of the page before.", type="string"),
    )


_AWAY: Final = {"503": refusal("The order's partition is being recovered or halted, or its owner is away.", retry=True)}
_ONE_AWAY: Final = {"503": refusal("Some partition is being recovered or halted, or its owner is away.", retry=True)}
_UNKNOWN: Final = {"404": refusal("No event of this order was seen.", schema=_NOT_THERE)}
_NO_PARAMETER: Final = {"400": refusal("There is no such parameter.")}
_BAD: Final = {"400": refusal("There is no such question, or `after` is of another list.")}

_REASON: Final[Object] = {
    "type": "object",
    "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": MOST_REASON}},
    "required": ["reason"],
    "additionalProperties": False,
}

_ERASED: Final[Object] = {
    "type": "object",
    "required": ["order_id", "erased_at"],
    "properties": {"order_id": {"type": "string"}, "erased_at": {"type": "string", "format": "date-time"}},
}

_PATHS: Final[Mapping[str, Object]] = {
    "/orders/{order_id}": _get(
        "order",
        "State of one order, from whichever worker owns it.",
        [_ORDER_ID],
        "As in the order-state topic, with the orders in exchange for its returns.",
        "Order",
        _NO_PARAMETER | _UNKNOWN | _AWAY,
    ),
    "/orders/{order_id}/timeline": _get(
        "timeline",
        "All facts of an order.",
        [
            _ORDER_ID,
            _in_query("order", "As they happened, or arrived.", type="string", enum=[*ORDERS], default=ORDERS[0]),
            *_page(MOST),
        ],
        "A page of them.",
        "Timeline",
        _BAD | _UNKNOWN | _AWAY,
    ),
    "/orders/{order_id}/events/{source}": _get(
        "event",
        "The raw body of one of an order's events, masked.",
        [_ORDER_ID, _in_path("source", "`source` of the event, `<raw partition>:<raw offset>`.")],
        "Fields on the list of what is shown, and that there are others.",
        "Event",
        {
            **_NO_PARAMETER,
            "404": refusal("The order has no such event, or raw does not have it any more.", schema=_NOT_THERE),
            **_AWAY,
        },
    ),
    "/orders": _get(
        "orders",
        "Orders by one of these parameters, or all of them.",
        [
            _in_query(ANY_ID, "The order's id, or any of the following but `exchange_of`."),
            *(_in_query(name, _BY_ID_SAYS[name]) for name in BY_ID),
            _in_query(STATUS, "Its status: oldest first, but for completed and cancelled ones.", enum=[*STATUSES]),
            *(_in_query(name, f"Orders in this list ({name}), oldest first.", enum=["true"]) for name in FLAGS),
            _in_query(PROVISIONAL, "Orders that miss something at present.", enum=["true"]),
            *_page(),
        ],
        "A page of orders.",
        "Orders",
        _BAD | _ONE_AWAY,
    ),
    "/blind-returns": _get(
        "blind_returns",
        "Returns that belong to no order, and refunds of no order; oldest first, or by one of these ids.",
        [*(_in_query(name, "Of the return.") for name in BLIND_BY_ID), *_page()],
        "A page of them.",
        "BlindReturns",
        _BAD | _ONE_AWAY,
    ),
    "/gaps": _get(
        "gaps",
        "What orders wait for that are incomplete or stalled, those first that have waited longest.",
        [_in_query("only", "One of both.", type="string", enum=[*GAP_LISTS]), *_page()],
        "A page of gaps, those of `limit` orders.",
        "Gaps",
        _BAD | _ONE_AWAY,
    ),
    "/seen": _get(
        "seen",
        "How often events were delivered, from whichever workers own their raw partitions.",
        [
            {
                **_in_query(
                    "id", "The `ce_id` of a cleaned record; with `~` and a payload hash behind it, of that payload."
                ),
                "required": True,
                "schema": {"type": "array", "minItems": 1, "maxItems": MOST_IDS, "items": {"type": "string"}},
            }
        ],
        "In the order of the ids.",
        "Seen",
        {
            "400": refusal("No ids, too many, or another parameter."),
            "503": refusal("An owner is away, or its partition is being recovered or halted.", retry=True),
        },
    ),
    ACKNOWLEDGE: {
        "post": {
            "operationId": "acknowledge",
            "summary": "Set a gap aside: it is no alarm any more, until the event comes. Twice is as once.",
            "parameters": [_ORDER_ID, _in_path("name", "The event, as in `missing` or `stalled`.")],
            "requestBody": {"required": True, "content": _json(_REASON)},
            "responses": {
                "200": {
                    "description": "Committed; what the order waits for now.",
                    "content": _json({"$ref": "#/components/schemas/Acknowledged"}),
                },
                "400": refusal("The body holds no reason, or the order has no room for it."),
                **_OF_POSTS,
                "404": refusal("The order waits for no such event, or is not known."),
                **_OF_BODIES,
                "503": refusal("It is not known to be done: the order's owner is away, or got nowhere.", retry=True),
            },
        }
    },
    ERASE: {
        "post": {
            "operationId": "erase",
            "summary": "Remove an order for good, known or not: what comes of it later makes none.",
            "parameters": [_ORDER_ID],
            "responses": {
                "200": {"description": "It is done.", "content": _json(_ERASED)},
                **_OF_POSTS,
                "503": refusal("It is not known to be done. Asking again asks for the same.", retry=True),
            },
        }
    },
}

DOCUMENT: Final = document(
    "NewStore Kafka bridge: order queries",
    "States of orders, and what is set aside of them. A session of the console does in place of a key for whatever is "
    "a GET. With `BRIDGE_OPS_PORT` all paths but these are on that port.",
    _PATHS,
    {**_SCHEMAS["$defs"], _NOT_THERE: _NOT_THERE_SCHEMA},
)
