"""How often the card of a sieve is right: sieves of simulated tables, each tried on many more rows than it learnt from.

`python -m radsieve.prefilter.twin.coverage --twins 204 --rows 3000` takes some minutes and prints a table. Rows are
drawn from the model of the twin without its quotas, so that the share of good images varies from table to table as it
does in a sample.
"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radsieve import params
from radsieve.prefilter.latents.latent_table import LatentTable
from radsieve.prefilter.settings import SelectThresholds
from radsieve.prefilter.sieve.sieve import Sieve
from radsieve.prefilter.thresholds.confusion_measures import Costs, acceptance_measures, confusion_counts
from radsieve.prefilter.thresholds.sieve_fitting import fit_sieve
from radsieve.prefilter.twin.twin import GROUPS, Model, model
from radsieve.screening.tables import LATENTS, SCORES
from radsieve.settings import LatentSettings
from radsieve.stats.resampling import Estimate, share

QUANTITIES = {"acceptance_rate": "accepted_share", "precision": "precision", "saving": "saving"}
_BLOCK = 50_000  # rows that are drawn at a time
_SEEDS = (20_231_103, 1)  # of the rows that evaluate and of those that are learnt from


def draw(chosen: Model, group: str, rows: int, seed: tuple[int, ...]) -> LatentTable:
    """Draw so many rows of a group from its model, without quotas."""
    rng = np.random.default_rng(seed)
    latents = rng.random((rows, len(LATENTS)), dtype=np.float32) * 2 - 1
    scores = np.concatenate(
        [
            chosen.scores(part, rng.standard_normal((len(part), len(SCORES))))
            for part in np.split(latents, range(_BLOCK, rows, _BLOCK))
        ]
    )
    valid = np.all(scores > 0, axis=1).astype(np.int8)
    return LatentTable((group,), np.zeros(rows, dtype=np.int64), valid, scores, latents)


def tried(
    twins: int, rows: int, evaluated: int, options: SelectThresholds, latents: LatentSettings
) -> Iterator[dict[str, Any]]:
    """Yield a row for each of `twins` tables of so many `rows`, the groups of the study in turn, and each quantity.

    Keys: group, twin, quantity; expected, lower, upper, as on the card of its sieve; true, among `evaluated` rows that
    are the same for all sieves of a group (of the acceptance, which needs no image: among five times as many latents).
    """
    for place, group in enumerate(GROUPS):
        chosen = model(group)
        fresh = draw(chosen, group, evaluated, (_SEEDS[0], place))
        for twin in range(place, twins, len(GROUPS)):
            sieve = fit_sieve(draw(chosen, group, rows, (_SEEDS[1], twin)), options, latents)
            found = _true(sieve, fresh.latents, fresh.valid, options, evaluated * 5)
            for quantity, name in QUANTITIES.items():
                value = Estimate.of(sieve.card["expected"][quantity])
                bounds = value.exact() if sieve.card["reason"] else value  # what needs no estimate has none
                known = {"expected": value.value, "lower": bounds.lower, "upper": bounds.upper}
                yield {"group": group, "twin": twin, "quantity": quantity, **known, "true": found[name]}


def coverage(found: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """How often the intervals of `tried` hold the true value, by quantity.

    Columns: quantity; twins; undefined, of how many the true value or the interval is not defined, which count neither
    way; covered, the share of the others, with Wilson's bounds lower and upper; below, above: how often the true value
    is below or above the interval; error: the mean of expected divided by true, minus 1. NaN if none is defined.
    """
    rows = []
    for quantity, part in found.groupby("quantity", sort=False):
        known = part.dropna(subset=["expected", "lower", "upper", "true"])
        below, above = known["true"] < known["lower"], known["true"] > known["upper"]
        covered = share(int((~below & ~above).sum()), len(known), confidence)
        error = float((known["expected"] / known["true"]).mean() - 1)
        counts = len(part), len(part) - len(known)
        outside = int(below.sum()), int(above.sum())
        rows.append((quantity, *counts, covered.value, covered.lower, covered.upper, *outside, error))
    columns = ["quantity", "twins", "undefined", "covered", "lower", "upper", "below", "above", "error"]
    return pd.DataFrame(rows, columns=columns)


def _true(
    sieve: Sieve, latents: npt.NDArray[np.float32], valid: npt.NDArray[np.integer], options: SelectThresholds, more: int
) -> Mapping[str, float]:
    costs = Costs(options.generate_seconds, options.predict_seconds)
    measures = acceptance_measures(confusion_counts(valid, sieve.accept(latents)), costs)
    accepted = sum(len(block.number) for block in sieve.sample(more, _SEEDS[0]))
    return {name: float(value) for name, value in measures.items()} | {"accepted_share": accepted / more}


def main() -> None:
    """Print the table for the options given, and the settings of params.yaml."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--twins", type=int, default=204)
    parser.add_argument("--rows", type=int, default=3_000, help="of each table (default: %(default)s)")
    parser.add_argument("--evaluated", type=int, default=200_000, help="rows that try a sieve (default: %(default)s)")
    parser.add_argument("--rule", help="instead of that of params.yaml")
    parser.add_argument("--out", type=Path, help="CSV file for the row of each table")
    args = parser.parse_args()
    settings = params.load(Path("params.yaml"))
    options = settings.select_thresholds
    if args.rule:
        options = SelectThresholds.model_validate(options.model_dump() | {"rule": args.rule})
    found = pd.DataFrame(tried(args.twins, args.rows, args.evaluated, options, settings.latents))
    if args.out:
        found.to_csv(args.out, index=False)
    print(coverage(found, settings.latents.confidence).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
