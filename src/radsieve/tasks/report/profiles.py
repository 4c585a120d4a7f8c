"""The section on what each table holds, and that on the pages that were collected."""

import pandas as pd

from radsieve.numbers import year
from radsieve.params import Params
from radsieve.reporting.inputs import Inputs
from radsieve.reporting.page import ShownEstimate, Table, count_of, folded, table
from radsieve.reporting.study.about import simulated_tables
from radsieve.reporting.wording import listed, plain
from radsieve.tasks.plots.profiles import column_name
from radsieve.tasks.report.codebooks import codebook_of
from radsieve.tasks.report.part import Part
from radsieve.tasks.tables import (
    ASSOCIATIONS,
    ATTRIBUTE_LEAKS,
    COLUMNS,
    DUPLICATES,
    LEAKS,
    MISSING,
    NOMINEES,
    PAGE_QUARANTINE,
    PROFILE_COLUMNS,
    REQUESTS,
    ROW_COUNTS,
    ROW_QUARANTINE,
    TARGET,
    VALUE_COUNTS,
)

PUBLISHED = "table_profiles.csv"
TOLD = "tells the target"
_YEARS = 1900, 2100
_ON_THE_SCALE = ("mean", "lowest", "lower_quartile", "median", "upper_quartile", "highest")
_ENDS = ("min", "min_in", "max", "max_in")
_FIGURES = {  # title, description, and the table that it is plotted from
    "profile": ("Columns of {}, one by one", "A panel for each column: numbers as a histogram, the most frequent values"
                " of others as bars", ""),
    "missing": ("What is missing in {}", "The share of rows without a value, a bar with its interval for each column;"
                " orange where it tells the target", "missing"),
    "associations": ("Which columns of {} go together", "A grid of columns by columns: the darker, the stronger the"
                     " association; a dot where its corrected p-value is at most 0.05", "associations"),
}  # fmt: skip
_MEASURES = {"pearson": "Pearson's correlation", "spearman": "Spearman's correlation", "cramers_v": "Cramér's V"}


def parts(inputs: Inputs, params: Params) -> list[Part]:
    """The sections on the tables of profile_tables, in their order."""
    return [_part(inputs, params, name) for name in type(params.profile_tables).model_fields]


def _part(inputs: Inputs, params: Params, name: str) -> Part:
    stage = f"profile_tables/{name}"
    settings = getattr(params.profile_tables, name)
    missing = inputs.table(MISSING, f"{stage}/missing.csv")
    telling = inputs.table(ATTRIBUTE_LEAKS, f"{stage}/leakage.csv")
    leaks = inputs.table(LEAKS, f"{stage}/leaks.csv")
    frames = {
        "columns": _years(inputs.table(PROFILE_COLUMNS, f"{stage}/columns.csv")),
        "missing": _missing(missing),
        "duplicates": inputs.table(DUPLICATES, f"{stage}/duplicates.csv"),
        "counts": inputs.table(VALUE_COUNTS, f"{stage}/counts.csv").rename(
            columns={"lower": "share_lower", "upper": "share_upper"}).pipe(folded, ["share"]),
        "associations": _associations(inputs.table(ASSOCIATIONS, f"{stage}/associations.csv")),
        "leakage": telling.rename(
            columns={"lower": "balanced_accuracy_lower", "upper": "balanced_accuracy_upper"}
        ).pipe(folded, ["balanced_accuracy"]).rename(columns={"leaks": TOLD}),
    }  # fmt: skip
    titles = {"columns": "Columns", "missing": "Missing", "duplicates": "Equal rows", "counts": "Values and items",
              "associations": "Associations", "leakage": "What tells the target"}  # fmt: skip
    named = {
        key: frame.assign(**{column: frame[column].map(column_name) for column in ("column", "first", "second")
                             if column in frame})
        for key, frame in frames.items()
    }  # fmt: skip
    found = telling.loc[telling["leaks"] & (telling["same_as"] == ""), "column"].tolist()
    hidden = missing.loc[missing["tells"] == 1, "column"].tolist()
    points = [f"Whether {listed(hidden)} of {name} {'is' if len(hidden) == 1 else 'are'} missing tells"
              f" {_told(str(settings.target))}."] if hidden else []  # fmt: skip
    return Part(
        anchor=f"profile-{name}",
        title=f"What {settings.called} holds",
        template="profiled.html",
        shown={
            "name": name,
            "counts": inputs.metrics(stage),
            "target": "" if settings.target is None else _told(settings.target),
            "telling": listed(found) if found else "",
            "floor": f"{1 / (settings.permutations + 1):.2g}",
            "published": _published(inputs, name, missing),
            "simulated": name in simulated_tables(params),
            "tables": [
                *([] if name in type(params.classify_rows).model_fields else _packed(inputs, name, settings.target)),
                *(table(frame, f"{titles[key]} of {name}", f"{stage}/{key}.csv") for key, frame in named.items()),
            ],
            "figures": [
                inputs.figure(f"{stage}/{key}.png", title.format(name), alt, source and f"{stage}/{source}.csv")
                for key, (title, alt, source) in _FIGURES.items()
            ],
        },
        points=tuple(points),
        leaks=f"{stage}/leaks.csv" if (leaks["protocol"] != "honest").any() else "",
        task=name,
    )


def _years(columns: pd.DataFrame) -> pd.DataFrame:
    """PROFILE_COLUMNS with the figures of columns of years as years, without separators."""
    low, high = columns["lowest"], columns["highest"]
    years = (low >= _YEARS[0]) & (high <= _YEARS[1]) & (low % 1 == 0) & (high % 1 == 0)
    if not years.any():
        return columns

    def shown(values: pd.Series) -> pd.Series:
        cells = [year(value) if so else ShownEstimate(value) for value, so in zip(values, years, strict=True)]
        return pd.Series(cells, columns.index, dtype=object)

    return columns.assign(**{name: shown(columns[name]) for name in _ON_THE_SCALE})


def _missing(missing: pd.DataFrame) -> pd.DataFrame:
    """MISSING with words for headings, and yes and no."""
    ends = {name: f"{name.replace('_in', '')}_missing{'_in' if '_in' in name else ''}" for name in _ENDS}
    shown = missing.rename(columns={"lower": "share_lower", "upper": "share_upper", **ends})
    return folded(shown.assign(tells=shown["tells"] == 1), ["share"]).rename(columns={"tells": TOLD})


def _packed(inputs: Inputs, name: str, target: str | None) -> list[Table]:
    """How a table was packed, where no section on its models says so; positive rows are those of an outcome alone."""
    parts = (("columns", COLUMNS, "Packed columns of {}"), ("counts", ROW_COUNTS, "Splits of {}"),
             ("quarantine", ROW_QUARANTINE, "Rows of {} that were left out"))  # fmt: skip
    hidden = [] if target == TARGET else ["positive"]
    found = [
        table(
            inputs.table(schema, f"pack_tables/{name}/{key}.csv").drop(columns=hidden, errors="ignore"),
            title.format(name),
            f"pack_tables/{name}/{key}.csv",
        )
        for key, schema, title in parts
    ]
    return [found[0], codebook_of(inputs, name), *found[1:]]


def _told(target: str) -> str:
    """The target in a sentence."""
    return "the outcome" if target == TARGET else target


def _published(inputs: Inputs, name: str, missing: pd.DataFrame) -> Table | None:
    """What an analysis of such a table printed, and the cells that are missing here; None if none is known, or if no
    column is the same: then the table is another one.
    """
    published, source = inputs.published(inputs.published_tables, PUBLISHED)
    of = published[published["table"] == name].drop(columns="table")
    cells = of["of"].where(of["quantity"] == "missing").map(missing.set_index("column")["missing"])
    shown = of.assign(of=of["of"].fillna(""), quantity=plain(of["quantity"])).rename(columns={"value": "published"})
    shown.insert(3, "here", cells)
    return table(shown, f"Published figures beside {name}", source) if cells.notna().any() else None


def _associations(found: pd.DataFrame) -> pd.DataFrame:
    renamed = found.rename(columns={"lower": "value_lower", "upper": "value_upper"})
    return folded(renamed.assign(measure=plain(renamed["measure"].replace(_MEASURES))), ["value"])


def pages(inputs: Inputs, params: Params) -> list[Part]:
    """The section on the pages of collect_pages."""
    stage, settings = "collect_pages", params.collect_pages
    counts = inputs.metrics(stage)
    quarantine = inputs.table(PAGE_QUARANTINE, f"{stage}/quarantine.csv")
    shown = {
        "counts": counts,
        "source": {"embedded": "a site that is simulated for this", "folder": "the answers of an earlier run"}.get(
            settings.source, settings.source
        ),
        "interval": f"{settings.interval_s:g}",
        "tables": [
            table(inputs.table(REQUESTS, f"{stage}/requests.csv"), "Requests", f"{stage}/requests.csv"),
            table(inputs.table(NOMINEES, f"{stage}/nominees.csv"), "Nominees", f"{stage}/nominees.csv"),
            table(quarantine, "Pages and entries that could not be read", f"{stage}/quarantine.csv"),
        ],
    }
    points = [f"{count_of(len(quarantine), 'part')} of collected pages could not be read."]
    return [
        Part("pages", "Pages that were collected", "pages.html", shown, points=tuple(points if len(quarantine) else []))
    ]
