"""Generated manifests are as they would be written today."""

import pytest

from deploy.generate.__main__ import stale
from deploy.generate.files import generated


def test_no_file_has_been_left_behind() -> None:
    assert stale(generated()) == [], "run `python -m deploy.generate`"


def test_another_content_is_told() -> None:
    """The check above can fail."""
    path = next(iter(generated()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(path), "read_text", lambda _: "something else")
        assert path in stale(generated())
