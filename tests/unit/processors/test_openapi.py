from bridge.http.openapi import written
from processors.worker.openapi import DOCUMENT
from tests.openapi import DOCUMENTS


def test_the_committed_document_is_the_one_that_is_served() -> None:
    """If not: `python -m tests.openapi_document`."""
    assert (DOCUMENTS / "worker.json").read_text() == written(DOCUMENT)


def test_every_operation_on_orders_tells_how_it_is_refused() -> None:
    """401 and 421 come before any handler, 403 of each post, 400 of each unknown parameter."""
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            if "security" not in operation:
                refusals = {"401", "421", "403" if method == "post" else "400"}
                assert refusals <= operation["responses"].keys(), (path, method)
