"""`python -m deploy.check [FOLDER…]`: exit 1 if anything is wrong with ours, or with overlays of your own."""

import sys
from pathlib import Path

from bridge.printable import say
from deploy.check import chart
from deploy.check.alerts import promtool
from deploy.check.check import check, problems_of
from deploy.check.render import KUBERNETES, NotRendered, kubectl, render


def main(arguments: list[str]) -> int:
    """The exit code: 2 if nothing can be rendered here."""
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
            found += [f"{folder}: {words}" for words in problems_of(render(Path(folder)))]
        except NotRendered as refusal:
            found.append(f"{folder}: {refusal}")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
