import asyncio
from pathlib import Path

from tests.openapi import assert_conforms
from tests.unit.processors.worker.test_web import serving

WITHOUT = ("not_a_server_error", "positive_data_acceptance")
"""Without partitions the worker answers 503. And OpenAPI cannot say that only one of several parameters may be
given."""


async def test_the_worker_does_what_its_document_says(tmp_path: Path) -> None:
    """It has no partitions, so it answers 503 for orders, as the document has it."""
    async with serving() as port:
        await asyncio.to_thread(assert_conforms, f"http://127.0.0.1:{port}", "right", tmp_path, *WITHOUT)
