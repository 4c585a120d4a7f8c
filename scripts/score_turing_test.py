"""Score what readers answered in the visual Turing test (stage score_turing_test)."""

import argparse

from radsieve import stage, tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.agreement import ratings
from radsieve.curation.agreement.agreement_tables import coefficients
from radsieve.generation.plots.turing_test import plot_readers
from radsieve.generation.tables import TURING_IMAGES, TURING_KEY, TURING_READERS, Origin
from radsieve.generation.turing.answers import answer_codes, image_answers, read_answers, readings
from radsieve.generation.turing.measures import in_short, published_share, reader_measures, reader_metrics
from radsieve.numbers import count_of
from radsieve.params import Params
from radsieve.settings import expand


def main(args: argparse.Namespace, params: Params) -> str:
    """Write how well each reader told the images apart, how readers agree, and the answers to each image."""
    settings = params.score_turing_test
    key = tables.read(TURING_KEY, args.key)
    place = None if settings.answers is None else expand(settings.answers, "score_turing_test.answers")
    answers = read_answers(place, key)
    resampling_options = (settings.bootstrap, settings.confidence, settings.seed)
    codes, readers = answer_codes(answers, key)
    found = reader_measures(codes, readers, key, *resampling_options)
    rated = ratings.collect(readings(answers), ratings.Scale(tuple(Origin), tuple(Origin), None), readers)
    agreement = coefficients(rated, "nominal", *resampling_options)
    published = published_share(args.published)
    tables.write(curation_tables.COEFFICIENTS, agreement, args.out / "agreement.csv")
    together = reader_metrics(found)
    metrics = {"readers": len(readers), "answers": len(answers), **together, "published": published}
    written = (TURING_READERS, found), (TURING_IMAGES, image_answers(codes, key))
    tables.write_results(args.out, written, {"readers": plot_readers(found, published)}, metrics)
    if not readers:
        return "no answers yet; make turing-test writes the page, score_turing_test.answers names them"
    return f"{count_of(len(readers), 'reader')}, {len(answers)} answers: {in_short(together)}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "key": "table of what the test shows",
            "published": "folder of the published tables",
            "out": "folder of the results",
        },
        sections=("score_turing_test",),
    )
