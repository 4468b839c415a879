"""What is told of a service that has ended by itself."""

import pytest

from deploy.local.service import last_words


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("", "nothing"),
        ("starts\nBRIDGE_TENANT is required.\n\n", "BRIDGE_TENANT is required."),
        (
            'Timeout (0:00:30)!\nCurrent thread 0x00007e (most recent call first):\n  File "b.py"\n',
            "Timeout (0:00:30)!",
        ),
        (
            'starts\nTimeout (0:00:30)!\nThread 0x00007f (most recent call first):\n  File "a.py", line 1 in b\n\n',
            "Timeout (0:00:30)!",
        ),
    ],
)
def test_its_last_words_are_no_line_of_a_stack(log: str, said: str) -> None:
    """`make run` once said: File "<frozen runpy>", line 198."""
    assert last_words(log.splitlines()) == said
