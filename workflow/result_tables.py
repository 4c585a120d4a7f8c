"""The tables of docs/results.md, read from the results of a run: no figure in them is written by hand."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radsieve.numbers import ShownEstimate, is_p_value, show, show_p
from radsieve.reporting.metrics import estimates_of
from radsieve.tables.spreadsheets import unguarded_table
from radsieve.tasks.published import published_beside


@dataclass(frozen=True)
class Spec:
    """A table: its track and title, the files below the results (patterns), and for CSV which rows and columns.

    Of metrics every number is shown, with a column for each file; of CSV files, whose folder column `of` names, the
    columns `columns` of the rows that
    `rows`, a pandas query, selects. With `across`, the values of that column become columns, of the last of `columns`;
    `bounds` begins the names of the columns of its interval if they are not named after it. Intervals stand with their
    values. A column `published` has the published values of the same task, protocol and metric.
    """

    track: str
    title: str
    files: str
    columns: tuple[str, ...] = ()
    rows: str = ""
    across: str = ""
    bounds: str = ""


SPECS = (
    Spec("curation", "Agreement", "measure_agreement/metrics.json"),
    Spec("curation", "Self-consistency on copies of one picture", "find_duplicates/consistency.csv",
         ("expert", "kind", "pairs", "same", "share", "kappa")),
    Spec("curation", "What besides the picture reveals the grade", "normalize_labels/leakage.csv",
         ("attribute", "balanced_accuracy", "chance", "p_value", "same_as")),
    Spec("screening", "Splits", "assign_splits/counts.csv", ("set", "split", "images", "patients", "units")),
    Spec("screening", "Pairs that cross the parts of a split that others made", "audit_splits/counts.csv",
         ("part", "other", "reason", "images", "crossing", "share")),
    Spec("screening", "Segmentation, test split", "train_segmenter/*/metrics.json"),
    Spec("screening", "Normal or abnormal, test split", "train_abnormality/metrics.json"),
    Spec("screening", "Sex, test split", "train_sex/metrics.json"),
    Spec("screening", "Share of true images that pass each score", "score_images/scaling.csv",
         ("score", "split", "images", "passed", "share")),
    Spec("screening", "Share of altered copies that pass each score", "score_images/reactions.csv",
         ("alteration", "images", "share_after"), across="score", bounds="share"),
    Spec("prefilter", "Stored sieves by their cards, and the fastest rule by nested folds",
         "select_thresholds/decisions.csv",
         ("group", "rule", "estimate", "base_rate", "precision", "accepted_share", "saving", "good_images_lost"),
         "stored == 1 or rule.str.startswith('argmin')"),
    Spec("prefilter", "New images: expected and observed", "check_sieve/expected_observed.csv",
         ("quantity", "images", "expected", "observed", "difference", "within"), "group == 'all'"),
    Spec("generation", "Generators, test split", "train_gan/*/metrics.json"),
    Spec("generation", "What the sieve saved", "measure_loop/metrics.json"),
    Spec("generation", "Methods of getting good images", "compare_sieving/methods.csv",
         ("group", "method", "images", "good", "precision", "saving", "kid", "reason")),
    Spec("generation", "Use in training", "compare_training/comparison.csv",
         ("arm", "real_images", "synthetic_images", "roc_auc", "gain", "holm")),
    Spec("tasks", "What mistakes were worth", "*/*/leaks.csv */leaks.csv",
         ("of", "protocol", "model", "metric", "evaluated", "value", "honest", "difference", "published"),
         "protocol != 'honest'"),
    Spec("tasks", "Models of tables, by what is known when", "classify_rows/*/comparison.csv",
         ("of", "model", "columns", "resampling", "roc_auc", "pr_auc", "brier", "difference", "holm")),
    Spec("tasks", "Called at thresholds chosen in other folds", "classify_rows/*/operating.csv",
         ("of", "model", "sensitivity", "specificity", "balanced_accuracy")),
    Spec("tasks", "Rows that repeat others, and new ones", "classify_rows/*/repeated.csv",
         ("of", "model", "evaluated", "rows", "roc_auc"), "model != 'majority'"),
    Spec("tasks", "What synthetic rows keep", "synthesize_tables/*/metrics.json"),
    Spec("tasks", "Classifiers of images", "train_classifier/*/comparison.csv",
         ("of", "variant", "seed", "part", "chosen", "images", "accuracy", "macro_f1", "roc_auc", "kappa")),
    Spec("tasks", "Thresholds and probabilities outside", "train_classifier/*/shift.csv",
         ("of", "part", "method", "threshold", "accuracy", "sensitivity", "specificity", "roc_auc", "brier")),
    Spec("tasks", "Image with table", "fuse_modalities/comparison.csv",
         ("model", "image", "table", "images", "roc_auc", "accuracy", "difference")),
    Spec("tasks", "Bits per character of unseen works", "train_writer/*/entropy.csv",
         ("of", "model", "works", "characters", "bits", "difference")),
    Spec("tasks", "Authors of chunks", "classify_texts/comparison.csv",
         ("model", "text", "evaluated", "chunks", "units", "balanced_accuracy", "accuracy")),
    Spec("tasks", "What writers drew", "classify_texts/evaluated.csv",
         ("author", "kind", "temperature", "texts", "recognised", "longest_copied", "share_copied", "real_words")),
    Spec("tasks", "Profiles of tables", "profile_tables/*/metrics.json"),
)  # fmt: skip
TRACKS = tuple(dict.fromkeys(spec.track for spec in SPECS))
PUBLISHED = Path(__file__).parents[1] / "data/published/task_mistakes.csv"


def tables(results: Path, tracks: Sequence[str], only: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Title and Markdown of each table of `tracks` whose files are below `results`; of the files in a folder named in
    `only`, if any is."""
    for spec in SPECS:
        found = (path for pattern in spec.files.split() for path in sorted(results.glob(pattern)))
        paths = [path for path in found if not only or set(path.relative_to(results).parts) & set(only)]
        if spec.track in tracks and paths:
            frame = _of_metrics(paths) if spec.files.endswith(".json") else _of_csv(paths, spec)
            if not frame.empty:
                names = ", ".join(f"`{path.relative_to(results)}`" for path in paths)
                yield spec.title, f"{markdown(frame)}\n\nFrom {names}."


def _of_metrics(paths: Sequence[Path]) -> pd.DataFrame:
    """A row for each number; a column for each file, named by its folder."""
    columns = {path.parent.name: estimates_of(json.loads(path.read_text(encoding="utf-8"))) for path in paths}
    names = list(dict.fromkeys(name for found in columns.values() for name in found))
    values = {folder: [estimate_text(found.get(name)) for name in names] for folder, found in columns.items()}
    if len(values) == 1:
        values = {"value": next(iter(values.values()))}
    return pd.DataFrame({"measure": [words(name) for name in names]} | values)


def _of_csv(paths: Sequence[Path], spec: Spec) -> pd.DataFrame:
    parts = [
        unguarded_table(pd.read_csv(path, keep_default_na=False, na_values=[""])).assign(of=path.parent.name)
        for path in paths
    ]
    frame = pd.concat(parts, ignore_index=True)
    if spec.rows:
        frame = frame.query(spec.rows, engine="python")
    if "published" in spec.columns:
        frame = frame.assign(published=published(frame.rename(columns={"of": "task"})))
    chosen = [name for name in spec.columns if name in frame]
    shown = pd.DataFrame({name: _column(frame, name, spec.bounds) for name in chosen}, index=frame.index)
    if spec.across:
        *kept, value = chosen
        order = shown.drop_duplicates(kept)[kept]
        wide = shown.assign(across=frame[spec.across]).pivot_table(value, kept, "across", aggfunc="first")
        names = list(dict.fromkeys(frame[spec.across]))
        shown = order.merge(wide[names].reset_index(), on=kept)
    return shown.rename(columns=words)


def published(mistakes: pd.DataFrame) -> list[str]:
    """The published values beside each of `mistakes`, rows of LEAKS with their `task`, as text."""
    found = published_beside(mistakes, pd.read_csv(PUBLISHED))
    return [", ".join(map(show, values)) or show(None) for values in found]


def _column(frame: pd.DataFrame, name: str, bounds: str) -> list[str]:
    """The cells of a column, with the interval whose bounds stand beside it, named after it, `bounds`, or plainly."""
    ends = _ends(frame, name, bounds)
    if ends:
        rows = frame[[name, *ends]].astype(float).itertuples(index=False, name=None)
        return [estimate_text(ShownEstimate(*row)) for row in rows]
    if pd.api.types.is_float_dtype(frame[name]):
        return [show_p(value) if is_p_value(name) or name == "holm" else show(float(value)) for value in frame[name]]
    return [show(None if pd.isna(value) else value) for value in frame[name]]


def _ends(frame: pd.DataFrame, name: str, bounds: str) -> list[str]:
    """The columns of the interval of a column: `<name>_lower`, or those directly behind it; none if it has none."""
    names = list(map(str, frame.columns))
    behind = names[names.index(name) + 1 :][:2]
    allowed = [[f"{prefix}{end}" for end in ("lower", "upper")] for prefix in (f"{name}_", f"{bounds}_", "")]
    if set(allowed[0]) <= set(names):
        return allowed[0]
    return behind if behind in allowed else []


def estimate_text(estimate: ShownEstimate | None) -> str:
    """A value with its interval in brackets, if it has one; a dash for None."""
    if estimate is None:
        return show(None)
    return f"{estimate.text} ({estimate.interval})" if estimate.interval else estimate.text


def words(name: str) -> str:
    """The name of a column or metric, such as `a.roc_auc`, as a reader sees it."""
    return name.replace("_", " ").replace(".", ": ")


def markdown(frame: pd.DataFrame) -> str:
    """A table in Markdown."""
    rows = [list(map(str, frame.columns)), ["---"] * len(frame.columns), *frame.astype(str).to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
