"""What a command says on stderr, without lines about progress and missing answers: on a busy machine these come at any
moment."""


def messages_of(stderr: str) -> list[str]:
    """The lines of `stderr` without these."""
    return [line for line in stderr.splitlines() if not _tells_of_waiting(line)]


def _tells_of_waiting(line: str) -> bool:
    return line.startswith("no answer from ") or line.endswith((" …", " answers again"))
