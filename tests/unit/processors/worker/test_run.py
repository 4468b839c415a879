"""What a worker's process does before anything in it reads, and while nothing does."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from aiokafka.errors import KafkaConnectionError

from bridge.metrics import worker
from bridge.settings import Settings
from bridge.topics.watch import TopicsWatch
from processors.worker import main, observe


def test_the_codec_is_chosen_before_there_is_a_consumer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers of rules and raw events run beside the group's consumer. What they fetched with upstream's classes could
    not be given out by the codec's."""
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


async def test_the_disk_is_looked_at_while_no_processor_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The metric kept the room from when the last processor ended: a disk that filled after Kafka went away raised no
    alarm."""

    async def for_ever(*_: Any) -> None:
        await asyncio.Event().wait()

    async def is_away(_settings: Settings) -> None:
        raise KafkaConnectionError

    stopping, directory = asyncio.Event(), tmp_path / "data"
    monkeypatch.setattr(main, "stop_signal", lambda: stopping)
    monkeypatch.setattr(main, "worker_first_contact", is_away)
    monkeypatch.setattr(main, "WorkerServer", lambda *_: nullcontext())
    monkeypatch.setattr(TopicsWatch, "run", for_ever)
    monkeypatch.setattr(observe, "_LOOK_S", 0.001)
    running = asyncio.create_task(main.Worker(Settings(tenant="acme", worker_data_dir=directory)).run())

    async def told(*, room: bool) -> None:
        async with asyncio.timeout(30):
            while (worker.registry.get_sample_value("bridge_data_free_bytes") is not None) is not room:
                await asyncio.sleep(0.001)

    directory.mkdir()
    await told(room=True)
    directory.rmdir()
    await told(room=False)
    stopping.set()
    assert await running == 0
