"""What a command says on stderr, but for how far it is and who has not answered yet: on a busy machine that comes
between, at any moment."""


def messages_of(stderr: str) -> list[str]:
    """Its lines."""
    return [line for line in stderr.splitlines() if not _tells_of_waiting(line)]


def _tells_of_waiting(line: str) -> bool:
    return line.startswith("no answer from ") or line.endswith((" …", " answers again"))
