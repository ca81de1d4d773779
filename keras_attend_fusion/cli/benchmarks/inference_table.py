"""The tables that `benchmark inference` prints."""

from __future__ import annotations

from typing import Any

# What each column shows of a row, and how.
FILES = {
    "parameters": "{parameters:>11,}",
    "MB": "{megabytes:>8.2f}",
    "of first": "{bytes_of_first:>8.4f}",
}
CALLS = {
    "p50 ms": "{p50_ms:>8.3f}",
    "p95 ms": "{p95_ms:>8.3f}",
    "1st ms": "{first_ms:>7.0f}",
    "peak MB": "{peak:>7}",
    "videos/s": "{videos_a_second:>8.1f}",
    "limit": "{limit:>8.1f}",
    "of limit": "{of_limit:>8.2f}",
    "of warm": "{of_warm_limit:>8.2f}",
    "of first": "{of_first:>8.2f}",
    "in batches": "{videos_a_second_in_batches:>10.1f}",
}


def lines(facts: dict[str, Any]) -> list[str]:
    """A table of the files, and one for each length and number of threads."""
    rows = facts["rows"]
    width = max(len(_name(row)) for row in rows)
    speeds = {
        speed["threads"]: speed["bytes_a_second"] for speed in facts["memory"]
    }
    groups: dict[tuple[int | None, int], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["frames"], row["threads"]), []).append(row)
    output = [
        f"{facts['level']} level, {facts['classes']} classes, random weights, "
        f"fastest of {facts['repeats']}:",
        *_table(next(iter(groups.values())), FILES, width),
    ]
    for (frames, threads), group in groups.items():
        length = f"{_counted(frames, 'frame')}, " if frames else ""
        output += [
            f"{length}{_counted(threads, 'thread')}, batches of "
            f"{facts['batch_size']}; memory is read at "
            f"{speeds[threads] / 1e9:.1f} GB/s:",
            *_table(group, CALLS, width),
        ]
    return output


def _table(
    rows: list[dict[str, Any]], columns: dict[str, str], width: int
) -> list[str]:
    body = []
    for row in rows:
        peak = row["peak_mb"]
        shown = {
            "megabytes": row["bytes"] / 1e6,
            "peak": "" if peak is None else f"{peak:.0f}",
            **row,
        }
        cells = [text.format(**shown) for text in columns.values()]
        body.append(f"  {_name(row):<{width}} {' '.join(cells)}")
    heads = [
        f"{head:>{len(cell)}}"
        for head, cell in zip(columns, cells, strict=True)
    ]
    return [f"  {'':<{width}} {' '.join(heads)}", *body]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _name(row: dict[str, Any]) -> str:
    kind = "" if row["quantize"] == "none" else f" {row['quantize']}"
    return f"{row['model']}:{row['preset']} {row['format']}{kind}"
