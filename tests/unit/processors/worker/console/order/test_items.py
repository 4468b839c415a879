"""How far each item is on its way."""

from processors.worker.console.order.items import MOST_OTHERS, ItemLine, item_lines, rerouted_to
from schemas.order_state import OrderState
from tests.unit.processors.orders.facts import back, clock, fact, items, pieces, request, state_of

OPENED = fact("order.opened", clock(0), items=items("A", quantity=2))


def line(*facts: object) -> ItemLine:
    state = OrderState.model_validate(state_of(OPENED, *facts))  # type: ignore[arg-type]
    [found] = item_lines(state, list(state.items.items()))
    return found


def stages(*facts: object) -> list[tuple[str, str]]:
    return [(stage.says, str(stage.step)) for stage in line(*facts).stages]


def test_an_item_that_nobody_has_yet() -> None:
    assert stages() == [("ordered", "done"), ("assigned", "open"), ("shipped", "open")]


def test_an_item_that_waits_to_be_handed_over() -> None:
    facts = request("assigned", 1, "A"), request("items_ready_for_handover", 2, "A")
    assert stages(*facts)[1:] == [("assigned", "done"), ("ready", "done"), ("shipped", "open")]


def test_pieces_that_went_out_and_came_back_are_counted() -> None:
    facts = request("assigned", 1, "A"), request("items_completed", 2, "A"), back("return-1", 3, pieces("A", 1))
    assert stages(*facts)[1:] == [("assigned", "done"), ("shipped 2/2", "done"), ("returned 1/2", "back")]


def test_pieces_that_were_cancelled_are_counted_unless_it_is_all_of_them() -> None:
    assert ("cancelled 1/3", "back") in stages(
        fact("order.opened", clock(1), items=items("A", quantity=3)),
        fact("order.items_cancelled", clock(2), items=items("A")),
        request("assigned", 1, "A", "A"),
        request("items_completed", 2, "A", "A"),
    )
    assert stages(fact("order.cancelled", clock(1)))[1] == ("cancelled", "back")


def test_a_hold_is_a_stage_of_its_own() -> None:
    assert ("on hold", "back") in stages(fact("order.items_on_hold", clock(1), items=items("A")))


def test_a_hold_says_since_when_where_that_is_told() -> None:
    state = state_of(OPENED, fact("order.items_on_hold", clock(1), items=items("A")))
    state["items"]["A"]["held_since"] = clock(1)
    told = OrderState.model_validate(state)
    [found] = item_lines(told, list(told.items.items()))
    assert found.stages[1].says == "on hold since 2024-05-01 10:00:01"


def test_requests_are_counted_and_followed() -> None:
    facts = (
        request("assigned", 1, "A", request_id="r1"),
        request("items_failed", 2, "A", request_id="r1"),
        request("assigned", 3, "A", request_id="r2"),
    )
    assert line(*facts).attempts == 2
    state = OrderState.model_validate(state_of(OPENED, *facts))
    assert rerouted_to(state, list(state.fulfillment_requests.items())) == {"r1": ["r2"]}


def test_of_many_requests_only_the_chosen_ones_are_followed_and_few_others_named() -> None:
    """Naming all others of each request would take the square of them: gigabytes for an order that was rerouted for
    months."""
    failed = [request("items_failed", n, "A", request_id=f"r{n}") for n in range(MOST_OTHERS + 2)]
    state = OrderState.model_validate(state_of(OPENED, *failed))
    chosen = [(request_id, state.fulfillment_requests[request_id]) for request_id in ("r1", "r4")]
    assert rerouted_to(state, chosen) == {"r1": ["r0", "r2", "r3"], "r4": ["r0", "r1", "r2"]}


def test_an_item_that_only_a_request_names_is_not_in_the_order_s_list() -> None:
    state = OrderState.model_validate(state_of(OPENED, request("assigned", 1, "X")))
    lines = {found.id: found for found in item_lines(state, list(state.items.items()))}
    assert lines["X"].stages[0].says == "not in the order's list"
