"""What a worker's process does before anything in it reads."""

from unittest.mock import MagicMock

import pytest

from processors.worker import main


def test_the_codec_is_chosen_before_there_is_a_consumer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers of rules and of raw events run beside the group's consumer: what one of them has fetched with upstream's
    classes could not be given out by the codec's."""
    order = MagicMock()
    for name in (
        "begin_logging",
        "leave_out_expected_answers",
        "mend_aiokafka",
        "use_compiled_codec",
        "uvloop",
        "gc",
        "keep_large_blocks_apart",
        "allow_many_open_files",
        "Worker",
        "watched",
        "asyncio",
    ):
        monkeypatch.setattr(main, name, getattr(order, name))
    main.run(MagicMock())
    called = [name for name, _, _ in order.mock_calls]
    assert called.index("mend_aiokafka") < called.index("use_compiled_codec") < called.index("Worker")
