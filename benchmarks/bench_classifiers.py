"""Time the published grid of classifiers: scikit-learn cell by cell against ours, with the ROC-AUC of every cell."""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from radsieve.files import write_text
from radsieve.parallel import usable_cores
from radsieve.prefilter.classifiers import logistic_variants, nearest, support_vectors, trees
from radsieve.prefilter.classifiers.split import Family, Flags, Floats, FoldData
from radsieve.prefilter.twin import twin
from radsieve.stats.folds import folds

GROUPS = ("18_24m", "18_24f", "38_44m", "38_44f", "58_64m", "58_64f")
FOLDS, SEED = 3, 1
WITHIN = 0.005  # largest difference of ROC-AUC allowed in any cell

Models = Mapping[str, Callable[[], Any]]

PLAIN: dict[str, Models] = {
    "nearest neighbours": {name: lambda k=k: KNeighborsClassifier(k) for name, k in nearest.NEIGHBOURS.items()},
    "support vectors": {
        "SVC_lin": lambda: SVC(kernel="linear", probability=True, random_state=SEED),
        "SVC_rbf": lambda: SVC(kernel="rbf", probability=True, random_state=SEED),
        "SVC_poly": lambda: SVC(kernel="poly", probability=True, random_state=SEED),
    },
    "logistic regression": {
        "LogReg.01": lambda: LogisticRegression(C=0.01),
        "LogReg.1": lambda: LogisticRegression(C=0.1),
        "LogReg.1_I1": lambda: LogisticRegression(C=0.1, l1_ratio=1, solver="liblinear", random_state=SEED),
        "LogReg1": lambda: LogisticRegression(C=1),
        "LogReg10": lambda: LogisticRegression(C=10),
    },
    "trees": {
        "Tree5": lambda: DecisionTreeClassifier(max_depth=5, random_state=SEED),
        "Tree10": lambda: DecisionTreeClassifier(max_depth=10, random_state=SEED),
        "Forest": lambda: RandomForestClassifier(n_estimators=10, random_state=SEED),
    },
}
OURS: dict[str, Family] = {
    "nearest neighbours": nearest.nearest_scores,
    "support vectors": support_vectors.support_vector_scores,
    "logistic regression": logistic_variants.logistic_scores,
    "trees": trees.tree_scores,
}


@dataclass
class Round:
    """Seconds of each family by method, and of the whole grid of two groups at once; cells by (model, fold)."""

    seconds: dict[tuple[str, str], float]
    differences: dict[tuple[str, int], tuple[float, float]]


def splits(group: str, rows: int) -> Iterator[tuple[FoldData, Flags]]:
    """The folds of a group of the twin, with the target of the held-out rows."""
    table = next(iter(twin.sample(group, rows, SEED)))
    found = folds(table.valid, FOLDS, SEED)
    for fold in range(FOLDS):
        known, held_out = found != fold, found == fold
        split = FoldData(table.latents[known], table.valid[known], table.scores[known], table.latents[held_out], SEED)
        yield split, table.valid[held_out]


def plain(split: FoldData, models: Models, probability: bool = True) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Fit and score cell by cell: the probabilities, or without them the decision functions."""
    latents, held_out = split.latents.astype(float), split.held_out.astype(float)
    scores, decisions = {}, {}
    for name, make in models.items():
        model = make().set_params(**({} if probability else {"probability": False}))
        model.fit(latents, split.target)
        if probability:
            scores[name] = model.predict_proba(held_out)[:, 1]
        else:
            decisions[name] = model.decision_function(held_out)
    return scores, decisions


def ours(split: FoldData) -> dict[str, Floats]:
    """Every family of the published grid on one core."""
    with threadpool_limits(1):
        parts = [score(split, tuple(PLAIN[family])) for family, score in OURS.items()]
    return {name: values for part in parts for name, values in part.items()}


def whole_group(group: str, rows: int) -> None:
    """Our grid of a group, as an instance of the stage runs it."""
    for split, _ in splits(group, rows):
        ours(split)


def timed(seconds: dict[tuple[str, str], float], key: tuple[str, str], work: Callable[[], Any]) -> Any:
    """Return what `work` returns and add the seconds that it took."""
    begin = time.perf_counter()
    result = work()
    seconds[key] = seconds.get(key, 0.0) + time.perf_counter() - begin
    return result


def measure(group: str, rows: int, pool: ProcessPoolExecutor, workers: int) -> Round:
    """All cells of a group, family by family, the methods in turn, and our grid on all cores."""
    seconds: dict[tuple[str, str], float] = {}
    differences: dict[tuple[str, int], tuple[float, float]] = {}
    for fold, (split, truth) in enumerate(splits(group, rows), 1):
        for family, models in PLAIN.items():
            expected, _ = timed(seconds, (family, "plain"), lambda f=split, m=models: plain(f, m))
            if family == "support vectors":
                _, decisions = timed(
                    seconds, (family, "decision_function"), lambda f=split, m=models: plain(f, m, probability=False)
                )
            with threadpool_limits(1):
                found = timed(seconds, (family, "ours"), lambda f=split, m=models, o=OURS[family]: o(f, tuple(m)))
            for name in models:
                area = roc_auc_score(truth, found[name])
                against = [expected[name], decisions[name] if family == "support vectors" else expected[name]]
                first, second = (abs(area - roc_auc_score(truth, scores)) for scores in against)
                differences[name, fold] = (first, second)
    jobs = (GROUPS * workers)[:workers]
    timed(seconds, ("grid", "ours"), lambda: list(pool.map(whole_group, jobs, [rows] * workers)))
    seconds["grid", "ours"] /= workers
    seconds["grid", "plain"] = sum(value for (_, method), value in seconds.items() if method == "plain")
    return Round(seconds, differences)


def report(group: str, rows: int, rounds: int) -> Iterator[str]:
    """Yield the lines of the report."""
    workers = usable_cores()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(whole_group, GROUPS[:workers], [300] * workers))  # starts the processes and imports
        measured = [measure(group, rows, pool, workers) for _ in range(rounds)]
    yield f"## Classifiers: the published grid on {rows:,} x 128\n"
    yield f"15 models, {FOLDS} folds, target `valid`, group {group} of the twin, which stands for the six (the"
    yield "plain method takes minutes for each); family by family, the methods in turn, medians of the ratios of "
    yield f"{rounds} rounds. Plain: scikit-learn cell by cell in one process, `SVC(probability=True)`. Ours: one core,"
    yield f"and in the last line {workers} groups at once on {workers} cores, seconds for one group. Aim: 6 times.\n"
    yield "| family | plain, s | ours, s | times plain |\n|---|---|---|---|"
    for family in (*PLAIN, "grid"):
        one, other = ([run.seconds[family, method] for run in measured] for method in ("plain", "ours"))
        name = f"whole grid, {workers} cores" if family == "grid" else family
        yield f"| {name} | {statistics.median(one):.1f} | {statistics.median(other):.2f} | {ratio(one, other):.1f} |"
    full, machine, shared = (
        [run.seconds["support vectors", method] for run in measured]
        for method in ("plain", "decision_function", "ours")
    )
    yield "\nThe gain of each change for the support vector machines: without Platt's probabilities (five more fits"
    yield f"each) {ratio(full, machine):.1f} times, kernels by products of matrices {ratio(machine, shared):.1f} times."
    yield (
        "\nLargest difference of ROC-AUC in a cell from that of the plain method (for SVC from its Platt probabilities,"
    )
    yield "and from its decision function):\n\n| model | probability | decision function |\n|---|---|---|"
    for name in (name for models in PLAIN.values() for name in models):
        cells = [value for run in measured for (model, _), value in run.differences.items() if model == name]
        yield f"| {name} | {max(cell[0] for cell in cells):.5f} | {max(cell[1] for cell in cells):.5f} |"
    maximum = max(value[0] for run in measured for value in run.differences.values())
    yield f"\nLargest of all: {maximum:.5f}; allowed: {WITHIN}, {'met' if maximum <= WITHIN else 'not met'}."


def ratio(slow: list[float], fast: list[float]) -> float:
    """The median over rounds of how many times longer the first takes."""
    return statistics.median(a / b for a, b in zip(slow, fast, strict=True))


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="Markdown file for the tables")
    parser.add_argument("--group", choices=GROUPS, default=GROUPS[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (default: %(default)s)")
    args = parser.parse_args()
    warnings.simplefilter("ignore", FutureWarning)  # of SVC(probability=True), which is to be measured
    lines = "\n".join(report(args.group, args.rows, args.rounds))
    print(lines)
    if args.out:
        write_text(args.out, lines + "\n")


if __name__ == "__main__":
    main()
