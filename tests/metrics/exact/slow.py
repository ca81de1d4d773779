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
    empty_classes: str = "drop",
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

    def over_classes(score_of: Callable[[int], float]) -> float:
        if empty_classes == "zero":
            return mean([score_of(c) if counts[c] else 0.0 for c in classes])
        return mean([score_of(c) for c in present])

    def at(k: int) -> list[int]:
        hits = [[labels[v][c] for c in best(scores[v], k)] for v in videos]
        return [sum(row) for row in hits]

    if threshold is None:
        tried = sorted({score for score, _ in everything}, reverse=True)
        threshold = max(tried, key=lambda t: f1(everything, t))
        lower = [t for t in tried if t < threshold]
        if lower and f1(everything, threshold) > 0:
            threshold = (threshold + lower[0]) / 2
        elif f1(everything, threshold) == 0:
            threshold = 0.5
    cuts = sorted({k for k in (1, 5) if k < top_k} | {top_k})
    labelled = [v for v in videos if sum(labels[v])]
    result = {
        f"gap_at_{top_k}": average_precision(
            [pairs[v][c] for v in videos for c in tops[v]], sum(counts)
        ),
        "map": over_classes(lambda c: class_ap(c, lambda v: True)),
        f"map_top_{top_k}": over_classes(
            lambda c: class_ap(c, lambda v: c in tops[v])
        ),
        "hit_at_1": mean([labels[v][best(scores[v], 1)[0]] for v in videos]),
        "perr": mean([perr(v) for v in videos]),
        "f1_micro": f1(everything, threshold),
        "f1_macro": over_classes(
            lambda c: f1([pairs[v][c] for v in videos], threshold)
        ),
        "f1_samples": mean([f1(pairs[v], threshold) for v in videos]),
        "threshold": threshold,
        "videos": len(scores),
        "classes_with_positives": len(present),
    }
    for k in cuts:
        result[f"precision_at_{k}"] = mean(
            [hits / min(k, len(classes)) for hits in at(k)]
        )
    for k in cuts:
        result[f"recall_at_{k}"] = mean(
            [at(k)[v] / sum(labels[v]) for v in labelled]
        )
    pooled = [pairs[v][c] for v in videos for c in tops[v]]
    if all(0 <= score <= 1 for score, _ in pooled):
        result["calibration_error"] = calibration_error(pooled, 15)
    return result


def calibration_error(pairs: Sequence[Pair], bins: int) -> float:
    total = 0.0
    for b in range(bins):
        some = [p for p in pairs if min(int(p[0] * bins), bins - 1) == b]
        score_sum = sum(score for score, _ in some)
        total += abs(sum(label for _, label in some) - score_sum)
    return total / len(pairs)
