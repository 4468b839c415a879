"""What every answer to a question says, besides what was asked."""

from processors.worker.queries.answer import problem


def test_a_problem_can_be_asked_again_where_that_helps() -> None:
    assert problem(503, "Away").retry_after == 1
    assert problem(404, "Unknown").retry_after is None
    assert problem(404, "Unknown").body == {"type": "about:blank", "title": "Unknown", "status": 404}
