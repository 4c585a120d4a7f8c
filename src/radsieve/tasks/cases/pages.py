"""A small site of awards, with what real sites have: a disallowed page, an error that passes, a page that changes.

`site.json` says for each path what is answered to the first, second, ... request for it; the last answer is repeated.
"""

import json
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from radsieve import files

HTML = "text/html; charset=utf-8"
_ROBOTS = "User-agent: *\nDisallow: /private/\n"
_AWARDS = 3  # of a year, whose page is a script; that of the last year has them as HTML


def write(games: pd.DataFrame, folder: Path) -> list[tuple[str, float]]:
    """Write the site of the simulated `games` below `folder`; returns its truth, pairs of quantity and value."""
    years = sorted(games["year"].unique())[:3]
    chosen = {year: _awards(games[games["year"] == year]) for year in years}
    paths = {year: f"/nominees/{year}" for year in years}
    site: dict[str, list[dict[str, Any]]] = {
        "/robots.txt": [_answer(_ROBOTS, "text/plain")],
        "/": [
            _answer(_index([*paths.values(), "/about", "/private/votes", "/moved", "/logo", "https://example.org/"]))
        ],
        "/about": [_answer("", status=500), _answer(_index(["/", "file:///etc/passwd", "http://10.0.0.1/"]))],
        "/private/votes": [_answer("<p>not for robots</p>")],
        "/moved": [_answer("", status=302, location="http://127.0.0.1:1/elsewhere")],
        "/logo": [_answer("\x89PNG", "image/png")],
    }
    for year in years[:-1]:
        site[paths[year]] = [_answer(_with_script(year, chosen[year]))]
    site[paths[years[0]]].append(_answer(_with_script(years[0], [*chosen[years[0]][:-1], {"name": "Renamed"}])))
    site[paths[years[1]]] = [_answer(_with_script(years[1], [*chosen[years[1]], _broken()]))]
    site[paths[years[-1]]] = [_answer(_as_html(years[-1], chosen[years[-1]]))]
    files.write_json(folder / "site.json", site)
    last = len(chosen[years[0]][-1]["nominees"])
    nominees = sum(len(award["nominees"]) for year in years for award in chosen[year]) - last
    return [("nominees", float(nominees)), ("broken entries", 3.0), ("disallowed pages", 1.0), ("changed pages", 1.0)]


def _awards(games: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "name": str(name),
            "nominees": [
                {"name": row["nominee"], "caption": row["company"], "winner": bool(row["winner"])}
                for row in nominees.to_dict("records")
            ],
        }
        for name, nominees in list(games.groupby("category", sort=True))[:_AWARDS]
    ]


def _broken() -> dict[str, Any]:
    return {"name": "Broken", "nominees": [{"caption": "has no name"}, 7]}


def _answer(body: str, kind: str = HTML, status: int = 200, location: str = "") -> dict[str, Any]:
    return {"status": status, "type": kind, "location": location, "body": body}


def _index(links: list[str]) -> str:
    return "<!doctype html><title>Awards</title>" + "".join(f'<a href="{link}">{link}</a>' for link in links)


def _with_script(year: int, awards: list[dict[str, Any]]) -> str:
    data = json.dumps({"props": {"pageProps": {"year": int(year), "awards": awards}}, "buildId": "drawn"})
    script = data.replace("<", "\\u003c")
    return f'<!doctype html><div></div><script id="__NEXT_DATA__" type="application/json">{script}</script>'


def _as_html(year: int, awards: list[dict[str, Any]]) -> str:
    parts = [f"<!doctype html><h1>{year}</h1>"]
    for award in awards:
        rows = "".join(
            f"<li class={'winner' if one['winner'] else 'other'}><b>{escape(one['name'])}</b>"
            f" <i>{escape(one['caption'])}</i>"
            for one in award["nominees"]
        )
        parts.append(f'<section class="award"><h2>{escape(award["name"])}</h2><ul>{rows}</ul></section>')
    return "".join(parts)
