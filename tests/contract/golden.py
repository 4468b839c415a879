"""Golden vectors: inputs and what the contract makes of them, as data."""

import json
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parent.parent
_VECTORS = _TESTS / "contract" / "vectors"
_SAMPLES = _TESTS / "data" / "samples"


def vectors(name: str) -> list[dict[str, Any]]:
    """Return the vectors of `tests/contract/vectors/{name}.json`."""
    content: list[dict[str, Any]] = json.loads((_VECTORS / f"{name}.json").read_text(encoding="utf-8"))["vectors"]
    return content


def body_of(vector: dict[str, Any]) -> bytes:
    """Return a vector's body: `body_hex` as bytes, else `body` in UTF-8."""
    return bytes.fromhex(vector["body_hex"]) if "body_hex" in vector else vector["body"].encode()


def about(vector: object) -> str:
    """Return what a vector is about, as the test's id."""
    return str(vector["about"]) if isinstance(vector, dict) else ""


def sample(event_name: str) -> bytes:
    """Return one of the six events in their real shape."""
    return (_SAMPLES / f"{event_name}.json").read_bytes()


SAMPLE_NAMES = sorted(path.stem for path in _SAMPLES.glob("*.json"))
