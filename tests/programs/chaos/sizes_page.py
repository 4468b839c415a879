"""The table of sizes in docs/guarantees.md: how many runs had each, and how they ended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from tests.programs.chaos.plan import Run, run_in

_SIZES: Final[Sequence[tuple[str, Callable[[Run], bool]]]] = (
    ("3 or 4 partitions", lambda run: run.size.partitions in {3, 4}),
    ("8 partitions", lambda run: run.size.partitions == 8),
    ("64 partitions", lambda run: run.size.partitions == 64),
    ("orders of 1 to 5 lines", lambda run: run.size.most_lines == 5),
    ("orders of 2 to 100 lines", lambda run: run.size.most_lines == 100),
    ("chunks of 100 records", lambda run: run.size.chunk_records == 100),
    ("chunks of 5,000 records, as shipped", lambda run: run.size.chunk_records == 5000),
    ("500,000 orders and keys known before", lambda run: run.size.preloaded == 500_000),
    ("timeouts of 6 s", lambda run: run.size.timeout_s == 6),
    ("timeouts as shipped", lambda run: run.size.timeout_s is None),
    ("workers limited to 768 MiB", lambda run: run.size.memory_mib == 768),
    ("a fault held for six minutes", lambda run: run.held is not None),
)


def rows(lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The rows of the table for these runs, its head included."""
    yield "| size | runs | not passed | deliveries | lost | duplicated | longest delay, s | most memory, MiB |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for name, has in _SIZES:
        yield _row(name, [line for line in lines if has(run_in(line))])


def _row(name: str, lines: Sequence[Mapping[str, Any]]) -> str:
    failed = sum(line["outcome"] != "passed" for line in lines)
    sums = (f"{sum(line.get(figure, 0) for line in lines):,}" for figure in ("deliveries", "lost", "duplicated"))
    delays, memory = _known(lines, "longest_delay"), _known(lines, "most_mib")
    most = f"{max(delays):.1f}" if delays else "-", f"{max(memory):,}" if memory else "-"
    return f"| {name} | {len(lines)} | {failed} | {' | '.join(sums)} | {' | '.join(most)} |"


def _known(lines: Sequence[Mapping[str, Any]], figure: str) -> list[float]:
    return [line[figure] for line in lines if line.get(figure) is not None]
