"""Made-up results of profile_tables and collect_pages."""

from typing import Any

from made_up import HOSTILE, UNITS, Table

from radsieve.tasks import tables as schemas

STAGES = ("profile_tables", "collect_pages")
_PAGES = {
    "requests": (schemas.REQUESTS, [(1, "/", 200, "read", 9, "0" * 64), (1, "/private", 0, "disallowed", 0, "")]),
    "nominees": (schemas.NOMINEES, [("/", "2020", "Best", HOSTILE, "A", "1")]),
    "quarantine": (schemas.PAGE_QUARANTINE, [("/", "award 1, nominee 2", "not a nominee", HOSTILE)]),
}
_PROFILES = {
    "columns": (schemas.PROFILE_COLUMNS, [(HOSTILE, "code", 40, 8, 3, "a", 0.5, 0, *[None] * 7),
                                          ("age", "number", 40, 0, 30, "50", 0.1, 0, 50, 9, 18, 40, 50, 60, 90)]),
    "missing": (schemas.MISSING, [("age", 40, 0, 0, 0, 0.1, None, "", None, "", None, 0),
                                  ("Pleural Effusion", 40, 6, 0.15, 0.1, 0.25, 0.125, "0", 0.25, "1", 0.5, 0),
                                  ("lab", 40, 8, 0.2, 0.1, 0.375, 0.0, "0", 0.5, "1", 0.0002, 1)]),
    "duplicates": (schemas.DUPLICATES, [("all columns", 40, 38, 2, 3, None, None, None, None, None)]),
    "counts": (schemas.VALUE_COUNTS, [("genres", HOSTILE, 20, 0.5, 0.375, 0.625, 20, 60)]),
    "associations": (schemas.ASSOCIATIONS, [("age", "lab", "pearson", "row", 32, 0.5, 0.25, 0.75, 0.0002)]),
    "leakage": (schemas.ATTRIBUTE_LEAKS, [("lab", 5, 0.75, 0.625, 0.875, 0.5, 0.0002, True, "")]),
}  # fmt: skip


def table(stage: str, name: str, of: str) -> Table:
    if stage == "collect_pages":
        return _PAGES[name]
    if name == "leaks":
        honest = ("honest", "Edema", "share_present", 30, 0.75, 0.5, 0.875, 0.75, None, None, None, *UNITS)
        bounds = (0.5, 0.375, 0.625, 0.75, -0.25, -0.375, -0.125, *UNITS)
        shares = [honest, ("uncertain_negative", "Edema", "share_present", 40, *bounds)]
        return schemas.LEAKS, shares if of == "findings" else []
    return _PROFILES[name]


def metrics(stage: str, of: str) -> dict[str, Any]:
    if stage == "collect_pages":
        return {"requests": 9, "pages": 4, "nominees": 1, "disallowed": 1, "retried": 1, "changed": 1}
    return {"rows": 40, "units": 20, "rows_tested": 30, "equal_rows": 2}
