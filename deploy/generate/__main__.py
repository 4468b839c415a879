"""`python -m deploy.generate`: writes every generated manifest; `--check` says which differ, exit 1."""

import sys
from collections.abc import Mapping
from pathlib import Path

from bridge.printable import say
from deploy.generate.files import generated


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    files = generated()
    if arguments == ["--check"]:
        differing = stale(files)
        for path in differing:
            say(f"{path} is not as `python -m deploy.generate` writes it.")
        return int(bool(differing))
    for path, text in files.items():
        path.write_text(text)
    return 0


def stale(files: Mapping[Path, str]) -> list[Path]:
    """Files that hold something else, or are not there."""
    return [path for path, text in files.items() if not path.exists() or path.read_text() != text]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
