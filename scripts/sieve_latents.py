"""Draw latents and keep those whose films are likely to be good, as many as asked for (stage sieve_latents).

By hand: python scripts/sieve_latents.py --model results/select_thresholds/models/18_24f --count 1000000 --seed 1
--out accepted.parquet; metrics.json lies beside it.
"""

import argparse

from radsieve import files, stage
from radsieve.params import Params
from radsieve.prefilter.accepted_latents import write_accepted
from radsieve.prefilter.sieve import Sieve, blocks_of
from radsieve.prefilter.sieve_card import expectation
from radsieve.progress import track


def main(args: argparse.Namespace, params: Params) -> str:
    """Draw and judge block by block, and write what is accepted as it comes."""
    options = params.sieve_latents
    sieve = Sieve.load(args.model)
    drawn = sieve.draw(options.count, options.seed, options.threads)
    blocks = track(drawn, "sieving", blocks_of(options.count), "block")
    accepted = write_accepted(args.out, blocks, sieve.components, options.batch)
    promise = sieve.card["promise"]
    metrics = {
        "group": sieve.group,
        "drawn": options.count,
        "accepted": accepted,
        "acceptance_rate": accepted / options.count,
        "threshold": sieve.threshold,
        "expected_precision": promise["precision"],
        "expected_saving": promise["saving"],
        "confidence": sieve.card["confidence"],
        "accepts_everything_because": sieve.card["reason"],
    }
    files.write_json(args.out.parent / "metrics.json", metrics)
    rate = f"{accepted:,} of {options.count:,} latents accepted ({metrics['acceptance_rate']:.1%})"
    return f"{sieve.group}: {rate}; {expectation(sieve.card)}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"model": "folder of a sieve (select_thresholds)", "out": "Parquet file of the accepted latents"},
        sections=("sieve_latents",),
        overrides={"count": "latents to draw", "seed": "seed of the random numbers"},
    )
