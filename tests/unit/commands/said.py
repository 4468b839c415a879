"""What a command says on stderr, but for how far it is: on a busy machine that comes between, at any moment."""


def said(stderr: str) -> list[str]:
    """Its lines."""
    return [line for line in stderr.splitlines() if not line.endswith(" …")]
