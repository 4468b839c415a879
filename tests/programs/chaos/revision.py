"""What a run is a run of: hashes of the product, of its engine and of the harness.

Comments and docstrings do not count. Hashes are of syntax trees, so those of two minor versions of Python differ.
"""

import ast
import hashlib
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
PRODUCT: Final = ("schemas", "bridge", "ingress", "processors", "requirements/runtime.txt")
APART: Final = ("bridge/rules/epochs.py", "bridge/settings/page.py", "schemas/examples", "schemas/generated")
"""Parts of the product that only commands use. A change there leaves the results what they are."""
ENGINE: Final = ("processors/engine", "processors/dedupe", "bridge", "ingress")
"""The part of the product that must lose and repeat nothing, whatever an order amounts to."""
HARNESS: Final = (
    "tests/programs/chaos",
    "tests/programs/checker",
    "commands/simulate",
    "deploy/local/pom.xml",
    "deploy/local/properties.py",
    ":(exclude)tests/programs/chaos/runs.jsonl",
)
"""With the seed, this decides what is done to the services and what is found: faults, checks, the simulator's load,
Kafka."""


def revisions() -> dict[str, str]:
    """Return the hashes, whatever commit the code came with; marked `-dirty` if it is not committed as it is."""
    apart = [f":(exclude){path}" for path in APART]
    return {
        "revision": _revision(*PRODUCT, *apart),
        "engine": _revision(*ENGINE, *apart),
        "harness": _revision(*HARNESS),
    }


def code_of(file: Path) -> bytes:
    """Return what a file says: Python without docstrings and comments, any other file as it is."""
    content = file.read_bytes()
    if file.suffix != ".py":
        return content
    tree = ast.parse(content)
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            node.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined]  # as it has one
    return ast.dump(tree).encode()


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _revision(*paths: str) -> str:
    digest = hashlib.sha256()
    for name in _git("ls-files", "--", *paths).splitlines():
        digest.update(name.encode() + b"\0" + hashlib.sha256(code_of(ROOT / name)).digest())
    content = digest.hexdigest()[:12]
    return f"{content}-dirty" if _git("status", "--porcelain", "--", *paths) else content


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()
