"""The metrics once more as plain loops, to check the fast ones against."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Pair = tuple[float, int]  # score, label


def average_precision(pairs: Sequence[Pair], positives: int) -> float:
    """Walks down the list, group of equal scores by group."""
    total, seen, found = 0.0, 0, 0
    for score in sorted({score for score, _ in pairs}, reverse=True):
        group = [label for other, label in pairs if other == score]
        seen += len(group)
        found += sum(group)
        total += sum(group) * found / seen
    return total / positives if positives else 0.0


def best(row: Sequence[float], k: int) -> list[int]:
    """Classes by falling score, then by rising index."""
    return sorted(range(len(row)), key=lambda c: (-row[c], c))[:k]


def f1(pairs: Sequence[Pair], threshold: float) -> float:
    both = sum(label for score, label in pairs if score >= threshold)
    chosen = sum(score >= threshold for score, _ in pairs)
    positives = sum(label for _, label in pairs)
    if chosen + positives == 0:
        return 0.0
    return 2 * both / (chosen + positives)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def evaluate(
    scores: Sequence[Sequence[float]],
    labels: Sequence[Sequence[int]],
    top_k: int,
    threshold: float | None,
) -> dict[str, float]:
    videos, classes = range(len(scores)), range(len(scores[0]))
    pairs = [[(scores[v][c], labels[v][c]) for c in classes] for v in videos]
    everything = [pair for row in pairs for pair in row]
    tops = [set(best(scores[v], top_k)) for v in videos]
    counts = [sum(labels[v][c] for v in videos) for c in classes]
    present = [c for c in classes if counts[c]]

    def class_ap(c: int, counts_in: Callable[[int], bool]) -> float:
        kept = [pairs[v][c] for v in videos if counts_in(v)]
        return average_precision(kept, counts[c])

    def perr(v: int) -> float:
        k = sum(labels[v])
        return sum(labels[v][c] for c in best(scores[v], k)) / k if k else 0.0

    if threshold is None:
        tried = sorted({score for score, _ in everything}, reverse=True)
        threshold = max(tried, key=lambda t: f1(everything, t))
    return {
        f"gap_at_{top_k}": average_precision(
            [pairs[v][c] for v in videos for c in tops[v]], sum(counts)
        ),
        "map": mean([class_ap(c, lambda v: True) for c in present]),
        f"map_top_{top_k}": mean(
            [class_ap(c, lambda v, c=c: c in tops[v]) for c in present]
        ),
        "hit_at_1": mean([labels[v][best(scores[v], 1)[0]] for v in videos]),
        "perr": mean([perr(v) for v in videos]),
        "f1_micro": f1(everything, threshold),
        "f1_macro": mean(
            [f1([pairs[v][c] for v in videos], threshold) for c in present]
        ),
        "f1_samples": mean([f1(pairs[v], threshold) for v in videos]),
        "threshold": threshold,
        "videos": len(scores),
        "classes_with_positives": len(present),
    }
