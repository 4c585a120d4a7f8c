"""The flow of images through packing and division: what the sets name, what was left out, and where the rest went."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radsieve import files, tables
from radsieve.figures.flow_diagram import FlowKind, flow_table
from radsieve.imaging.pseudonyms import KEY
from radsieve.imaging.set_splits import ALL_SETS
from radsieve.tables.images import IMAGE_QUARANTINE, Split

_METRICS = {
    "type": "object",
    "required": ["left_out_by_label"],
    "properties": {
        "left_out_by_label": {"type": "object", "additionalProperties": {"type": "integer"}},
        KEY: {"type": "string"},
    },
}


@dataclass(frozen=True)
class Omitted:
    """What packing left out of a set: rows by label that the set does not ask for, and files by reason; and `key` of
    PackedSet.
    """

    labels: dict[str, int]
    reasons: dict[str, int]
    key: str = ""


def read_omitted(folder: Path) -> Omitted:
    """Read what stage pack_images left out of the set in `folder`. Raises InputError if a file is missing."""
    again = "run the stage pack_images again"
    stored = files.read_json(folder / "metrics.json", _METRICS, "metrics of pack_images", again, again)
    reasons = tables.read(IMAGE_QUARANTINE, folder / "quarantine.csv")["reason"].value_counts(sort=False)
    return Omitted(
        {str(label): int(n) for label, n in stored["left_out_by_label"].items()},
        {str(reason): int(n) for reason, n in reasons.items()},
        stored.get(KEY, ""),
    )


def set_flow(packed: Mapping[str, int], omitted: Mapping[str, Omitted], counts: pd.DataFrame) -> pd.DataFrame:
    """FLOW of the sets: images packed and what was left out by set, and SPLIT_COUNTS.

    A file that several sets name is read, and counted, in each of them; different images are counted once.
    """
    labels = {name: one.labels for name, one in omitted.items() if one.labels}
    reasons = {name: one.reasons for name, one in omitted.items() if one.reasons}
    left_out, quarantined = (sum(sum(some.values()) for some in by.values()) for by in (labels, reasons))
    whole = counts[counts["set"] == ALL_SETS].set_index("split")
    images, total = sum(packed.values()), int(whole["images"].sum())
    by_set = "; ".join(f"{name}: {number:,}" for name, number in packed.items())
    units = f"{int(whole['patients'].sum()):,} patients; {int(whole['units'].sum()):,} units"
    rows = [
        (FlowKind.REMAINING, "Named by the sets", images + left_out + quarantined, "files", f"{len(packed)} sets"),
        (FlowKind.EXCLUDED, "Label not asked for", left_out, "files", _detail(labels)),
        (FlowKind.EXCLUDED, "Quarantined", quarantined, "files", _detail(reasons)),
        (FlowKind.REMAINING, "Packed", images, "images", by_set),
        (
            FlowKind.EXCLUDED,
            "Counted already",
            images - total,
            "images",
            "the same picture in another set, or twice in one",
        ),
        (FlowKind.REMAINING, "Different", total, "images", units),
    ]
    for split in Split:
        of_split = counts[counts["split"] == split]
        listed = [
            f"{one['set']}: {one['images']:,} ({one['units']:,} units)"
            for one in of_split.to_dict("records")
            if one["set"] != ALL_SETS
        ]
        one = next(one for one in of_split.to_dict("records") if one["set"] == ALL_SETS)
        detail = "; ".join([f"{one['patients']:,} patients, {one['units']:,} units", *listed])
        rows.append((FlowKind.PART, split.value, one["images"], "images", detail))
    return flow_table(rows)


def _detail(by_set: Mapping[str, Mapping[str, int]]) -> str:
    return "; ".join(f"{name}, {what}: {number:,}" for name, of in by_set.items() for what, number in of.items())
