"""What is collected from a source, as tables, and the raw answers, from which it can be collected again."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from radsieve import files, tables
from radsieve.errors import InputError
from radsieve.settings import expand
from radsieve.tasks.pages.collecting import Archive, Collected, Collector
from radsieve.tasks.pages.site import embedded_site
from radsieve.tasks.pages.transport import Network, Replay, check_public
from radsieve.tasks.settings import CollectPages
from radsieve.tasks.tables import ANSWERS, NOMINEES, PAGE_QUARANTINE, REQUESTS

_LEAST_INTERVAL_S = 1.0  # between requests to a site that is not our own
_KEY = "params.yaml, collect_pages"


@dataclass(frozen=True)
class CollectedPages:
    """REQUESTS, NOMINEES, PAGE_QUARANTINE, ANSWERS, raw bodies by digest, and `metrics`."""

    requests: pd.DataFrame
    nominees: pd.DataFrame
    quarantine: pd.DataFrame
    answers: pd.DataFrame
    bodies: dict[str, bytes]
    metrics: dict[str, Any]


def collect(settings: CollectPages, site: Path) -> CollectedPages:
    """Collect the pages of `settings.source`: the simulated `site`, the answers of an earlier run, or a host.

    Of a host the cache keeps each page with its ETag, so that a page that has not changed is not sent again. Raises
    InputError for a host that is not on the internet, and for an interval below a second there.
    """
    if settings.source == "embedded":
        with embedded_site(site) as origin:
            network = Network(origin, settings.user_agent, settings.timeout_s, settings.max_bytes)
            return _tables(Collector(network, origin, settings, Archive()).collect())
    if settings.source == "folder":
        if settings.folder is None:
            raise InputError(f"{_KEY}.folder = none: name the folder of the answers of an earlier run")
        return replay(settings, expand(settings.folder, "collect_pages.folder"))
    if settings.interval_s < _LEAST_INTERVAL_S:
        raise InputError(f"{_KEY}.interval_s = {settings.interval_s}: leave a site a second between requests")
    origin = settings.source.rstrip("/")
    check_public(origin, f"{_KEY}.source")
    network = Network(origin, settings.user_agent, settings.timeout_s, settings.max_bytes)
    with _cached(origin) as archive:
        return _tables(Collector(network, origin, settings, archive).collect())


def replay(settings: CollectPages, folder: Path) -> CollectedPages:
    """Collect from the answers kept in `folder`, without any request and without waiting."""
    kept = Replay(folder)
    archive = Archive(bodies={page: kept.body(digest) for page, digest in kept.before.items() if digest})
    origin = "https://replayed.invalid"
    collector = Collector(kept, origin, settings, archive, clock=lambda: 0.0, sleep=lambda seconds: None)
    return _tables(collector.collect())


def write_answers(found: CollectedPages, folder: Path) -> None:
    """Write every raw answer below `folder`, under its digest, and ANSWERS, from which `replay` reads them."""
    shutil.rmtree(folder, ignore_errors=True)
    for digest, body in found.bodies.items():
        files.write_bytes(folder / digest, body)
    tables.write(ANSWERS, found.answers, folder / "answers.csv")


@contextmanager
def _cached(origin: str) -> Iterator[Archive]:
    """What the cache has of a host, and what it has of it after the block."""
    folder = files.cache_folder() / "pages" / hashlib.sha256(origin.encode()).hexdigest()[:16]
    index = folder / "pages.json"
    known = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else {}
    archive = Archive()
    for page, (etag, kind, digest) in known.items():
        body = (folder / digest).read_bytes() if (folder / digest).is_file() else b""
        if hashlib.sha256(body).hexdigest() == digest:
            archive.etags[page], archive.kinds[page], archive.bodies[page] = etag, kind, body
    yield archive
    for body in archive.bodies.values():
        files.write_bytes(folder / hashlib.sha256(body).hexdigest(), body)
    files.write_json(
        index,
        {
            page: [etag, archive.kinds[page], hashlib.sha256(archive.bodies[page]).hexdigest()]
            for page, etag in sorted(archive.etags.items())
        },
    )


def _tables(found: Collected) -> CollectedPages:
    nominees = [(page, *one) for page, read in found.pages.items() for one in read.nominees]
    quarantine = [*found.quarantine, *((page, *one) for page, read in found.pages.items() for one in read.faults)]
    requests = _frame(REQUESTS, found.requests)
    outcomes = requests["outcome"].value_counts()
    metrics = {
        "requests": int((~requests["outcome"].isin(["disallowed", "left out"])).sum()),
        **{f"{name.replace(' ', '_')}": int(outcomes.get(name, 0)) for name in
           ("retried", "failed", "redirected", "disallowed", "changed", "unchanged", "left out")},
        "pages": len(found.pages),
        "nominees": len(nominees),
        "quarantined": len(set(quarantine)),
        "links_elsewhere": found.elsewhere,
    }  # fmt: skip
    return CollectedPages(
        requests=requests,
        nominees=_frame(NOMINEES, nominees),
        quarantine=_frame(PAGE_QUARANTINE, list(dict.fromkeys(quarantine))),
        answers=_frame(ANSWERS, found.answers),
        bodies=found.bodies,
        metrics=metrics,
    )


def _frame(schema: pa.DataFrameSchema, rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(schema.columns))
