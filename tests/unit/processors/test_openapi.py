import asyncio
from pathlib import Path

from bridge.http.openapi import written
from processors.worker.openapi import DOCUMENT
from tests.openapi import DOCUMENTS, assert_conforms
from tests.unit.processors.worker.test_web import serving


def test_the_committed_document_is_the_one_that_is_served() -> None:
    """Else: `python -m processors.worker.openapi > docs/openapi/worker.json`."""
    assert (DOCUMENTS / "worker.json").read_text() == written(DOCUMENT)


async def test_the_worker_does_what_its_document_says(tmp_path: Path) -> None:
    """It has no partitions, so orders are answered 503, as the document has it."""
    async with serving() as port:
        await asyncio.to_thread(assert_conforms, f"http://127.0.0.1:{port}", "right", tmp_path, "not_a_server_error")
