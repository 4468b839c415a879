"""Generated manifests are as they would be written today."""

from pathlib import Path

import pytest

from deploy.generate.__main__ import stale
from deploy.generate.files import generated


def test_no_file_has_been_left_behind() -> None:
    assert stale(generated()) == [], "run `python -m deploy.generate`"


def test_another_content_is_told() -> None:
    """The check above can fail."""
    files = generated()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "read_text", lambda *_, **__: "something else")
        assert stale(files) == [*files]
