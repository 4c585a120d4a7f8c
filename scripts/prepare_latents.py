"""Bring latents and the scores of their images into one checked table (stage prepare_latents)."""

import argparse
from pathlib import Path

from radsieve import files, stage, tables
from radsieve.params import Params
from radsieve.prefilter.latents import preparation
from radsieve.prefilter.tables import LATENT_GROUPS, TWIN
from radsieve.prefilter.twin.check import Tally, compare_twin


def main(args: argparse.Namespace, params: Params) -> str:
    """Write the table of latents, its groups, and how closely the twin matches the published tables."""
    latents, options = params.latents, params.prepare_latents
    tally = Tally()
    table = args.out / "latents.parquet"
    with preparation.scratch_beside(table) as scratch:
        parts = preparation.parts(args.scored, options, latents, tally, Path(scratch))
        groups = preparation.write(parts, table, latents.groups, latents.confidence)
    held = compare_twin(tally, args.published)
    tables.write(LATENT_GROUPS, groups, args.out / "groups.csv")
    tables.write(TWIN, held, args.out / "twin.csv")
    rows, valid = int(groups["rows"].sum()), int(groups["valid"].sum())
    metrics = {
        "groups": len(groups),
        "rows": rows,
        "valid": valid,
        "valid_rate": valid / rows,
        "twin_compared": len(held),
        "twin_within": int(held["within"].sum()),
    }
    files.write_json(args.out / "metrics.json", metrics)
    figures = "figure" if len(held) == 1 else "figures"
    twin = f"; {metrics['twin_within']} of {len(held)} {figures} of the twin as published" if len(held) else ""
    return f"{rows} latents in {len(groups)} groups, {valid} of valid images{twin}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "scored": "scored latents of score_images or score_samples (read for the sources screened and generated)",
            "published": "folder with the tables that the study printed",
            "out": "folder of the results",
        },
        sections=("latents", "prepare_latents"),
    )
