from ingress.answers import ANSWERS
from ingress.edge import WEBHOOK
from ingress.openapi import DOCUMENT


def test_it_names_every_status_the_webhook_can_answer_and_no_other() -> None:
    answered = {str(answer.status) for answer in ANSWERS.values()} - {"404", "405"} | {"200"}
    assert set(DOCUMENT["paths"][WEBHOOK]["post"]["responses"]) == answered


def test_only_the_webhook_asks_for_a_key() -> None:
    pages = {path: page["get"]["security"] for path, page in DOCUMENT["paths"].items() if path != WEBHOOK}
    assert pages == {"/livez": [], "/readyz": [], "/metrics": [], "/openapi.json": []}
    assert DOCUMENT["security"] == [{"bearer": []}]
