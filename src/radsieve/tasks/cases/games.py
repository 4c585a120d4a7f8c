"""A table of games that were nominated for awards, with lists of genres and several rows for a game.

The correlation of price and score depends on how many genres a game has, so that rows which repeat a game for each of
its genres show another one than games do.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

_GENRES = {1: (0.4, 0.7), 2: (0.3, 0.3), 3: (0.2, -0.2), 4: (0.1, -0.6)}  # number: share of games, correlation
_NAMES = ("Action", "Adventure", "Casual", "Indie", "RPG", "Racing", "Simulation", "Strategy")
_PRICE, _SCORE = (30.0, 9.0), (75.0, 8.0)  # mean, standard deviation
_FREE, _UNSCORED = 0.2, 0.25  # shares of games
_NOMINEES, _YEARS, _GAMES_OF_YEAR = 5, 6, 0.5  # of an award; games for each nomination of a year
_COMPANY_MISSING = 0.3  # of nominees that did not win; of winners none


def simulate(rows: int, seed: int) -> tuple[pd.DataFrame, list[tuple[str, float]]]:
    """Return the table of about so many nominations and its truth, pairs of quantity and value.

    The price of a free game is missing. One award has no winner, and another one two.
    """
    random = np.random.default_rng([seed, 4])
    awards = max(rows // (_NOMINEES * _YEARS), 2)
    games = max(round(awards * _NOMINEES * _GAMES_OF_YEAR), _NOMINEES)
    parts = [_year(2019 + number, awards, games, number * games, random) for number in range(_YEARS)]
    table = pd.concat(parts, ignore_index=True)
    table.loc[:0, "winner"] = 0
    table.loc[_NOMINEES : _NOMINEES + 1, "winner"] = 1
    hidden = (table["winner"] == 0) & (random.random(len(table)) < _COMPANY_MISSING)
    table["company"] = table["company"].mask(hidden, "")
    truth = [
        ("correlation of price and score", _correlation(0)),
        ("correlation of price and score, exploded", _correlation(1)),
        ("correlation of price and score, exploded twice", _correlation(2)),
        ("awards without a winner", 1.0),
        ("missing company of nominees that did not win", _COMPANY_MISSING),
    ]
    return table, truth


def _correlation(power: int) -> float:
    """The mean correlation where a game with k genres counts k to this power times."""
    weights: Mapping[int, float] = {number: share * number**power for number, (share, _) in _GENRES.items()}
    return sum(weights[number] * of for number, (_, of) in _GENRES.items()) / sum(weights.values())


def _year(year: int, awards: int, games: int, first: int, random: np.random.Generator) -> pd.DataFrame:
    """The nominations of one year: of each award the first nominee has won."""
    catalogue = _games(games, first, random)
    chosen = np.concatenate([random.choice(games, _NOMINEES, replace=False) for _ in range(awards)])
    table = catalogue.iloc[chosen].reset_index(drop=True)
    table.insert(0, "year", year)
    table.insert(1, "category", [f"Best game of kind {1 + number // _NOMINEES}" for number in range(len(table))])
    table.insert(4, "winner", [int(number % _NOMINEES == 0) for number in range(len(table))])
    return table


def _games(count: int, first: int, random: np.random.Generator) -> pd.DataFrame:
    numbers = np.array(list(_GENRES))
    of_game = random.choice(numbers, count, p=[share for share, _ in _GENRES.values()])
    correlation = np.array([_GENRES[number][1] for number in of_game])
    one, other = random.standard_normal((2, count))
    price = _PRICE[0] + _PRICE[1] * one
    score = _SCORE[0] + _SCORE[1] * (correlation * one + np.sqrt(1 - correlation**2) * other)
    free = random.random(count) < _FREE
    mac = random.random(count) < 0.4
    return pd.DataFrame(
        {
            "nominee": [f"Game {first + number + 1}" for number in range(count)],
            "company": [f"Studio {1 + number % 40}" for number in random.integers(0, 400, count)],
            "price": np.where(free, "N/A", [f"{value:.2f}" for value in price]),
            "score": np.where(random.random(count) < _UNSCORED, "", [f"{value:.1f}" for value in score]),
            "free": free.astype(int),
            "mac": mac.astype(int),
            "linux": (mac & (random.random(count) < 0.7)).astype(int),
            "genres": [";".join(random.choice(_NAMES, number, replace=False)) for number in of_game],
        }
    )
