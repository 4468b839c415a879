"""What an answer that is none says to people."""

from processors.worker.queries.answer import Answer


def trouble_of(answer: Answer) -> str:
    """Return why there is no answer: the problem document's title and detail."""
    said = answer.body
    detail = said.get("detail")
    text = f"{said['title']}: {detail}" if detail else str(said["title"])
    return f"{text}. Ask again in a moment." if answer.status == 503 else f"{text}."
