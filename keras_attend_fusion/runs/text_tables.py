"""Tables of two columns, as text."""

from __future__ import annotations

from typing import Any


def table(rows: list[tuple[str, str]]) -> str:
    """Two columns, the first as wide as its longest entry."""
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows)


def metrics_table(metrics: dict[str, Any]) -> str:
    """The metrics, one a line."""
    rows = []
    for name, value in metrics.items():
        rows.append(
            (name, f"{value:.5f}" if isinstance(value, float) else str(value))
        )
    return table(rows)
