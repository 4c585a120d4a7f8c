"""Collection: what robots.txt allows, at which pace, what is retried, kept and replayed, and what is refused."""

from itertools import pairwise

import pytest
from defaults import settings

from radsieve.errors import InputError
from radsieve.tasks.cases import games, pages
from radsieve.tasks.pages.collecting import Archive, Collector
from radsieve.tasks.pages.results import collect, replay, write_answers
from radsieve.tasks.pages.transport import Answer
from radsieve.tasks.tables import NOMINEES, PAGE_QUARANTINE, REQUESTS

HTML = "text/html"


def options(**changes):
    return settings("collect_pages", **{"interval_s": 0, "visits": 1} | changes)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


class Site:
    """Answers from lists by path, and remembers when what was asked for."""

    def __init__(self, clock, **answers):
        self.clock, self.asked = clock, []
        self.answers = {path: list(found) for path, found in answers.items()}

    def get(self, page, headers):
        self.asked.append((self.clock.now, page, dict(headers)))
        found = self.answers.get(page, [Answer(404)])
        return found.pop(0) if len(found) > 1 else found[0]


def html(text, **more):
    return Answer(200, HTML, body=text.encode(), **more)


def run(answers, archive=None, **changes):
    clock = Clock()
    site = Site(clock, **answers)
    collector = Collector(site, "https://a.org", options(**changes), archive or Archive(), clock, clock.sleep)
    return collector.collect(), site


def outcomes(found, page):
    return [row[3] for row in found.requests if row[1] == page]


def test_a_disallowed_page_is_not_asked_for():
    robots = Answer(200, "text/plain", body=b"User-agent: *\nDisallow: /private/")
    found, site = run({"/robots.txt": [robots], "/": [html('<a href="/private/x">x</a><a href="/open">y</a>')],
                       "/open": [html("<a href='/'>back</a>")]})  # fmt: skip
    assert [page for _, page, _ in site.asked] == ["/robots.txt", "/", "/open"]
    assert outcomes(found, "/private/x") == ["disallowed"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_line_for_our_own_name_holds(encoding):
    body = "User-agent: radsieve\nDisallow: /\nCrawl-delay: 7".encode(encoding)
    robots = Answer(200, "text/plain", body=body)
    found, site = run({"/robots.txt": [robots], "/": [html("x")]})
    assert len(site.asked) == 1 and outcomes(found, "/") == ["disallowed"]


@pytest.mark.parametrize("line", ["Crawl-delay: 1e9", "Request-rate: 1/10000h"])
def test_pauses_of_hours_are_not_kept_but_said(line):
    robots = Answer(200, "text/plain", body=f"User-agent: *\n{line}\n".encode())
    found, site = run({"/robots.txt": [robots], "/": [html("x")]})
    assert len(site.asked) == 1 and outcomes(found, "/") == ["disallowed"]
    assert found.quarantine[0][:3] == ("/robots.txt", "", "robots.txt asks for longer pauses")


@pytest.mark.parametrize(("status", "asked"), [(404, 2), (500, 1), (0, 1)])
def test_without_robots_txt_all_is_allowed_and_while_it_fails_nothing_is(status, asked):
    _, site = run({"/robots.txt": [Answer(status)], "/": [html("<a href='/'>x</a>")]}, retries=0)
    assert len(site.asked) == asked


@pytest.mark.parametrize(("delay", "interval"), [("", 1.5), ("Crawl-delay: 4", 4), ("Request-rate: 1/10", 10)])
def test_no_second_request_within_the_interval(delay, interval):
    robots = Answer(200, "text/plain", body=f"User-agent: *\n{delay}".encode())
    links = "".join(f'<a href="/{number}">x</a>' for number in range(4))
    answers = {f"/{number}": [html("<a href='/'>x</a>")] for number in range(4)}
    _, site = run({"/robots.txt": [robots], "/": [html(links)]} | answers, interval_s=1.5)
    times = [when for when, _, _ in site.asked]
    assert len(times) == 6
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) >= 1.5 and min(gaps[1:]) == interval


def test_errors_are_retried_after_longer_and_longer_and_as_the_server_says():
    failing = [Answer(500), Answer(429, retry_after="30"), Answer(0), html("<a href='/'>x</a>")]
    found, site = run({"/robots.txt": [Answer(404)], "/": failing}, interval_s=1)
    assert outcomes(found, "/") == ["retried", "retried", "retried", "read"]
    times = [when for when, page, _ in site.asked if page == "/"]
    assert [later - earlier for earlier, later in pairwise(times)] == [2, 30, 8]


def test_what_fails_for_good_and_what_asks_for_an_hour_is_given_up():
    late = Answer(503, retry_after="3600")
    found, site = run({"/robots.txt": [Answer(404)], "/": [late]})
    assert outcomes(found, "/") == ["failed"] and len(site.asked) == 2
    assert found.quarantine == [("/", "", "status 503", "")]


def test_an_unchanged_page_is_not_sent_again_and_a_changed_one_is_noticed():
    first = html('<a href="/b">x</a>', etag='"1"')
    answers = {"/robots.txt": [Answer(404)], "/": [first, Answer(304)], "/b": [html("old"), html("<a href='/'>n</a>")]}
    found, site = run(answers, visits=2)
    assert outcomes(found, "/") == ["read", "unchanged"]
    assert outcomes(found, "/b") == ["read", "changed"]
    assert [headers for _, page, headers in site.asked if page == "/"] == [{}, {"If-None-Match": '"1"'}]


@pytest.mark.parametrize(
    "link",
    ["https://b.org/x", "http://a.org/x", "https://a.org:8443/x", "https://a.org@b.org/", "//b.org/", "file:///etc/passwd",
     "http://127.0.0.1/", "http://169.254.169.254/latest", "javascript:alert(1)", "https://[x", "/a b", "/\u202egnp"],
)  # fmt: skip
def test_links_to_other_places_are_not_followed(link):
    found, site = run({"/robots.txt": [Answer(404)], "/": [html(f'<a href="{link}">x</a>')]})
    assert [page for _, page, _ in site.asked] == ["/robots.txt", "/"]
    assert found.elsewhere == 1


def test_a_redirect_to_another_host_is_not_followed_and_one_within_is():
    answers = {"/robots.txt": [Answer(404)], "/": [html('<a href="/out">x</a><a href="/in">y</a>')],
               "/out": [Answer(302, location="http://10.0.0.1/")], "/in": [Answer(301, location="/there")],
               "/there": [html("<a href='/'>x</a>")]}  # fmt: skip
    found, site = run(answers)
    assert [page for _, page, _ in site.asked][-1] == "/there"
    assert found.quarantine == [("/out", "", "leads to another host", "http://10.0.0.1/")]


def test_no_more_pages_than_are_asked_for():
    links = "".join(f'<a href="/{number}">x</a>' for number in range(9))
    found, site = run({"/robots.txt": [Answer(404)], "/": [html(links)]}, max_pages=3)
    assert len(site.asked) == 4
    assert [row[3] for row in found.requests].count("left out") == 7


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The drawn site, its truth, and what was collected of it."""
    folder = tmp_path_factory.mktemp("site")
    truth = dict(pages.write(games.simulate(200, seed=1)[0], folder))
    found = collect(options(visits=2, interval_s=0.01), folder)
    write_answers(found, folder / "answers")
    return folder, truth, found


def test_the_drawn_site_is_collected(drawn):
    _, truth, found = drawn
    REQUESTS.validate(found.requests)
    nominees = NOMINEES.validate(found.nominees)
    assert len(nominees) == truth["nominees"]
    assert nominees["year"].nunique() == 3, "two by script, one by HTML"
    assert set(nominees["winner"]) == {"0", "1"}
    assert found.metrics["disallowed"] == truth["disallowed pages"]
    assert found.metrics["changed"] == truth["changed pages"]
    assert found.metrics["retried"] == 1
    quarantine = PAGE_QUARANTINE.validate(found.quarantine)
    broken = quarantine[quarantine["place"].str.startswith("award")]
    assert len(broken) == truth["broken entries"]
    assert set(quarantine["page"]) >= {"/logo", "/moved"}


def test_a_replay_gives_the_same_bytes_without_a_network(drawn, tmp_path, monkeypatch):
    folder, _, found = drawn
    monkeypatch.setattr("socket.socket", None)
    again = replay(options(visits=2), folder / "answers")
    for name in ("requests", "nominees", "quarantine", "answers"):
        assert getattr(again, name).to_csv() == getattr(found, name).to_csv(), name
    write_answers(again, tmp_path / "answers")
    for path in (folder / "answers").iterdir():
        assert (tmp_path / "answers" / path.name).read_bytes() == path.read_bytes()


def test_an_answer_that_was_tampered_with_is_refused(drawn, tmp_path):
    _, _, found = drawn
    write_answers(found, tmp_path)
    next(path for path in tmp_path.iterdir() if path.name != "answers.csv").write_bytes(b"other")
    with pytest.raises(InputError, match=r"not the answer that answers\.csv names"):
        replay(options(visits=2), tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": "https://example.org", "interval_s": 0.5}, "leave a site a second"),
        ({"source": "https://127.0.0.1", "interval_s": 1}, "127.0.0.1 is no address on the internet"),
        ({"source": "https://localhost", "interval_s": 1}, "no address on the internet"),
        ({"source": "folder"}, "folder = none"),
        ({"source": "embedded"}, "not a simulated site"),
    ],
)
def test_sources_that_are_refused(changes, message, tmp_path):
    with pytest.raises(InputError, match=message):
        collect(options(**changes), tmp_path)
