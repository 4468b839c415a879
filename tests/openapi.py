"""A service is called in every way that its OpenAPI document allows, and in some that it does not."""

import subprocess
import sys
from pathlib import Path
from typing import Final

DOCUMENTS: Final = Path(__file__).parents[1] / "docs" / "openapi"
_EXAMPLES: Final = 50
_SEED: Final = 1
_PATIENCE_S: Final = 120
"""For an answer: the ingress waits for Kafka longer than the 10 s that schemathesis has by itself."""


def assert_conforms(url: str, key: str, scratch: Path, *without: str) -> None:
    """schemathesis finds nothing: statuses, headers, content types and bodies are the document's, keys are asked for,
    other methods are refused. It leaves its notes in `scratch`; `without` are checks of its that do not fit the
    service."""
    program = str(Path(sys.executable).with_name("schemathesis"))
    command = [program, "--no-color", "run", f"{url}/openapi.json", "--checks", "all"]
    options = ["-H", f"Authorization: Bearer {key}", "--seed", str(_SEED), "--max-examples", str(_EXAMPLES)]
    options += ["--request-timeout", str(_PATIENCE_S)]
    left_out = ["--exclude-checks", ",".join(without)] if without else []
    done = subprocess.run([*command, *options, *left_out], cwd=scratch, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout, done.stdout
