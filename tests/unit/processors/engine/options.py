"""Engine options for tests that have no settings."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from processors.engine.options import EngineOptions


def options_in(directory: Path, **changes: Any) -> EngineOptions:
    """Options with data in ``directory`` and brokers nowhere, unless ``changes`` say otherwise."""
    options = EngineOptions(
        group_id="group",
        client={"bootstrap_servers": ["nowhere:1"]},
        data_dir=directory,
        outputs=(),
        advertised_url="http://localhost",
        expiry={},
        queues={},
        instance_id=None,
        session_timeout=10.0,
        transaction_timeout=10.0,
        chunk_records=5000,
        chunk_bytes=8 << 20,
        max_record_bytes=9 << 20,
        compression="gzip",
        in_words=repr,
        clock=time.monotonic,
    )
    return replace(options, **changes)
