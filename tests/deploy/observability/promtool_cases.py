"""Cases for `promtool test rules`: series, and which alerts fire on them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.deploy.observability.rules import FILES, groups, promtool

Series = Mapping[str, str]
"""Values in promtool's notation, by name and labels."""
WEEK: Final = 7 * 24 * 4
"""A week, in steps of a quarter of an hour."""


def expected(minute: int, firing: Iterable[str], by: str = "severity", others: Iterable[str] = ()) -> dict[str, Any]:
    """What promtool has to find: in this minute these alerts fire, each with the label `by`. No other alert fires but
    for `others`, names of alerts."""
    pairs = [alert.split() for alert in firing]
    samples = [{"labels": f'{{alertname="{name}", {by}="{value}"}}', "value": 1} for name, value in pairs]
    firing_now = f'group by (alertname, {by}) (ALERTS{{alertstate="firing",alertname!~"{"|".join(others)}"}})'
    return {"expr": firing_now, "eval_time": f"{minute}m", "exp_samples": samples}


def case(series: Series, *expectations: Mapping[str, Any], interval: str = "1m") -> dict[str, Any]:
    """A case. `interval`: between two samples."""
    given = [{"series": name, "values": values} for name, values in series.items()]
    return {"interval": interval, "input_series": given, "promql_expr_test": list(expectations)}


def check(directory: Path, *cases: Mapping[str, Any], step: str = "1m", files: Iterable[Path] = FILES) -> None:
    """Run the cases through promtool, by the rules of these files, evaluated every `step`."""
    given = {each["series"].partition("{")[0] for one in cases for each in one["input_series"]}
    file, rules = directory / "cases.yml", directory / "rules.yml"
    document = {"rule_files": [str(rules)], "evaluation_interval": step, "tests": list(cases)}
    for path, content in (rules, {"groups": list(_asking(given, files))}), (file, document):
        path.write_text(yaml.dump(content, Dumper=yaml.CSafeDumper))
    done = promtool("test", "rules", str(file))
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def _asking(given: set[str], files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The groups, with only the rules that name what is given or what is recorded of it. promtool evaluates all rules
    at each step of days, and the others could only say that all they ask for is missing."""
    known = set(given)
    for group in (group for file in files for group in groups(file)):
        kept = []
        for rule in group["rules"]:
            if any(name in rule["expr"] for name in known):
                kept.append(rule)
                known |= {rule["record"]} if "record" in rule else set()
        if kept:
            yield {**group, "rules": kept}
