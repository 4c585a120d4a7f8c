"""Read every image of the bucket, hash it, and put broken ones into quarantine (stage ingest_images)."""

import argparse
import functools
import time
from pathlib import Path

from radsieve import files, stage, tables
from radsieve.curation import tables as curation_tables
from radsieve.curation.ingestion import ReadLimits, ingest, refuse_nothing
from radsieve.curation.label_tables import read_layout
from radsieve.curation.layouts import Labels, Layout
from radsieve.imaging.pseudonyms import with_own_key
from radsieve.params import Params
from radsieve.storage.cache import Cache
from radsieve.storage.credentials import load_environment
from radsieve.storage.sources import open_source


def main(args: argparse.Namespace, params: Params) -> str:
    """Read the bucket or folder that params.yaml names, and write the tables and the distinct images."""
    load_environment(Path(".env"))
    source, settings = params.source, params.ingest_images
    own = functools.cache(with_own_key)
    layout: Labels = Layout.of(source.prefix, source.graders, source.grades, source.pattern)
    if source.layout == "table":
        layout = read_layout(source, own)
    most = int(settings.max_megabytes * 1e6), int(settings.max_megapixels * 1e6)
    limits = ReadLimits(settings.concurrency, *most, settings.window, settings.kept_side, settings.max_withheld)
    with open_source(source, settings, args.phantoms) as opened, Cache(files.cache_folder()) as cache:
        begin = time.perf_counter()
        result = ingest(opened, cache, layout, limits, own)
        if source.endpoint:
            refuse_nothing(result, source.prefix)
        cache.place(result.contents, args.images)
        seconds = time.perf_counter() - begin
    tables.write(curation_tables.RAW_DATA, result.raw_data, args.out / "raw_data.csv")
    tables.write(curation_tables.IMAGES, result.images, args.out / "images.csv")
    tables.write(curation_tables.QUARANTINE, result.quarantine, args.out / "quarantine.csv")
    files.write_json(args.out / "metrics.json", result.metrics)
    count = len(result.raw_data)
    return (
        f"{count} images, {len(result.images)} distinct, {len(result.quarantine)} in quarantine; "
        f"{result.fetched} objects read in {seconds:.1f} s ({count / seconds:.0f} images/s), the rest was in the cache"
    )


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={
            "phantoms": "folder with which the embedded bucket is filled, for ingest_images.fill = phantoms",
            "images": "folder for the distinct images, named by their digest",
            "out": "folder of the tables",
        },
        sections=("source", "ingest_images"),
    )
