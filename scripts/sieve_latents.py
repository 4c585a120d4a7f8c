"""Sample latents and keep those whose images are likely to be good, as many as requested (stage sieve_latents).

By hand: python scripts/sieve_latents.py --model results/select_thresholds/models/18_24f --count 1000000 --seed 1
--out accepted.parquet; metrics.json lies beside it.
"""

import argparse

from radsieve import files, stage
from radsieve.params import Params
from radsieve.prefilter.sieve import Sieve
from radsieve.prefilter.sieve.accepted_latents import write_accepted
from radsieve.prefilter.sieve.sieve import blocks_of
from radsieve.prefilter.sieve.sieve_card import expectation
from radsieve.progress import track


def main(args: argparse.Namespace, params: Params) -> str:
    """Sample and evaluate block by block, and write accepted latents as they come."""
    options = params.sieve_latents
    sieve = Sieve.load(args.model)
    generated = sieve.sample(options.count, options.seed, options.threads)
    blocks = track(generated, "sieving", blocks_of(options.count), "block")
    accepted = write_accepted(args.out, blocks, options.batch, sieve.components)
    expected = sieve.card["expected"]
    metrics = {
        "group": sieve.group,
        "sampled": options.count,
        "accepted": accepted,
        "acceptance_rate": accepted / options.count,
        "threshold": sieve.threshold,
        "expected_acceptance_rate": expected["acceptance_rate"],
        "expected_precision": expected["precision"],
        "expected_saving": expected["saving"],
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
        overrides={"count": "latents to sample", "seed": "seed of the random numbers"},
    )
