"""`python -m deploy.check [FOLDER…]`: checks our manifests, or overlays of your own; exit 1 if anything is wrong."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bridge.printable import say
from deploy.check import chart
from deploy.check.alerts import promtool
from deploy.check.check import check, problems_of
from deploy.check.objects import Objects, title
from deploy.check.render import KUBERNETES, NotRendered, kubectl, render

_TO_BE_SET: Final = re.compile(r"\b(?:your-[a-z0-9-]+|[a-z0-9.-]*example\.com)\b")
"""Values in our components and in `overlays/prod` that users have to set."""


def main(arguments: list[str]) -> int:
    """Return the exit code: 2 if kubectl is missing, 1 if anything is wrong."""
    if kubectl() is None:
        say("kubectl is needed: it renders the manifests.")
        return 2
    if promtool() is None:
        say("Skipped: promtool is not installed, so no expression of an alert is parsed.")
    found = _of_folders(arguments) if arguments else _of_ours()
    for words in found:
        say(words)
    say(f"Problems: {len(found)}." if found else "Nothing is wrong that can be known without a cluster.")
    return int(bool(found))


def _of_ours() -> list[str]:
    found = [*check(KUBERNETES)]
    if chart.helm() is None:
        say("Skipped: helm is not installed, so the chart is not compared with what kustomize makes.")
        return found
    return [*found, *(f"chart, {words}" for words in chart.problems(root=KUBERNETES))]


def _of_folders(folders: list[str]) -> list[str]:
    found: list[str] = []
    for folder in folders:
        try:
            objects = render(Path(folder))
            found += [f"{folder}: {words}" for words in (*problems_of(objects), *_left_to_set(objects))]
        except NotRendered as refusal:
            found.append(f"{folder}: {refusal}")
    return found


def _left_to_set(objects: Objects) -> Iterator[str]:
    for each in objects.all:
        for words in sorted(set(_TO_BE_SET.findall(json.dumps(each)))):
            yield f"{title(each)}: {words} is yours to set"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
