"""Reads the chart's templates without Helm: as much of its language as they need if nobody logs in to Kafka.

`deploy.check.chart` compares with Helm itself. Helm is not on every machine, and a template that somebody forgot must
be noticed there, too.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.check.objects import Objects

WRITTEN: Final = ("_helpers.tpl", "settings.yaml", "generated.yaml")
"""Templates that need more of the language. What they make is written from the same sources, or tested by Helm."""

_BLOCK: Final = re.compile(r"\s*\{\{- (if|with|end)\b ?(.*?) ?\}\}")
_GIVEN: Final = re.compile(r"\s*\{\{- (\$\w+) := (.*?) \}\}")
_INSTRUCTION: Final = re.compile(r"\s*\{\{-.*\}\}")
_VALUE: Final = re.compile(r"\{\{-? (.*?) -?\}\}")


def read_chart(chart: Path, values: Mapping[str, Any]) -> Objects:
    """What the templates make of these values."""
    files = [file for file in sorted((chart / "templates").iterdir()) if file.name not in WRITTEN]
    texts = ["\n".join(_lines(file.read_text(), values)) for file in files]
    return Objects([each for text in texts for each in yaml.safe_load_all(text) if each])


def _lines(text: str, values: Mapping[str, Any]) -> Iterator[str]:
    kept, given = [True], dict[str, Any]()
    for line in text.splitlines():
        if block := _BLOCK.fullmatch(line):
            word, condition = block.groups()
            if word == "end":
                kept.pop()
            else:
                kept.append(_holds(condition, values, given))
                if word == "with":
                    given["."] = _of(condition, values, given)
        elif not all(kept):
            continue
        elif named := _GIVEN.fullmatch(line):
            given[named[1]] = _of(named[2], values, given)
        elif not _INSTRUCTION.fullmatch(line):  # else it is for a login, and nobody logs in
            yield _VALUE.sub(lambda found: _text(found[1], values, given), line)


def _text(expression: str, values: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    value = _of(expression.removesuffix(" | quote"), values, given)
    if isinstance(value, dict):
        return f" {json.dumps(value)}"
    return json.dumps(value) if expression.endswith(" | quote") else str(value)


def _holds(condition: str, values: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    if condition.startswith("not "):
        return not _holds(condition.removeprefix("not "), values, given)
    if found := re.fullmatch(r"eq (\S+) \"(.*)\"", condition):
        return bool(_of(found[1], values, given) == found[2])
    if found := re.fullmatch(r"gt \(int (\S+)\) \(int (\S+)\)", condition):
        return bool(_of(found[1], values, given) > _of(found[2], values, given))
    return bool(_of(condition, values, given))


def _of(expression: str, values: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    """The value of an expression. AssertionError: Helm knows it, but this reader does not."""
    expression = re.sub(r"\((\.Values[.\w]*)\)", r"\1", expression)  # values that may be without parts
    if found := re.fullmatch(r"(?:required \".*\" |toYaml )?\.Values\.([\w.]+)(?: \| nindent \d+)?", expression):
        node: Any = values
        for name in found[1].split("."):
            node = node[name]
        return node
    if expression in given:
        return given[expression]
    known = {'include "bridge.image" .': "newstore-kafka-bridge:0.1.0", 'include "bridge.settingsName" .': "bridge"}
    if expression.startswith('include "bridge.kafka.'):
        return ""
    assert expression in known, f"nobody knows without Helm what {expression} is"
    return known[expression]
