"""Pages of one site, collected as its robots.txt allows, one request at a time, and everything that was answered."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from protego import Protego

from radsieve.tasks.pages.reading import Page, read_page
from radsieve.tasks.pages.transport import Answer, Transport
from radsieve.tasks.settings import CollectPages

ROBOTS = "/robots.txt"
_REDIRECTS = (301, 302, 303, 307, 308)
_LONGEST_WAIT_S = 300.0  # that a site may ask for; beyond it the page is given up


@dataclass
class Collected:
    """What was asked and answered: rows of REQUESTS, PAGE_QUARANTINE and ANSWERS, raw `bodies` by digest, the last
    state of each page, and how many links led elsewhere."""

    requests: list[tuple[object, ...]] = field(default_factory=list)
    quarantine: list[tuple[str, str, str, str]] = field(default_factory=list)
    answers: list[tuple[object, ...]] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    elsewhere: int = 0


@dataclass
class Archive:
    """What is known of pages from before: their ETag and body, by path."""

    etags: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


class Collector:
    """Collects pages over `transport`; `clock` and `sleep` (seconds) keep the interval between requests."""

    def __init__(
        self,
        transport: Transport,
        origin: str,
        settings: CollectPages,
        archive: Archive,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport, self._origin, self._settings, self._archive = transport, origin, settings, archive
        self._clock, self._sleep = clock, sleep
        self._interval = float(settings.interval_s)
        self._next = clock()
        self._robots: Protego | None = None
        self.found = Collected()

    def collect(self) -> Collected:
        """Ask for robots.txt, the first page, and every page of the same host that links lead to; then for all of them
        again, `visits` times altogether, unless they are unchanged."""
        self._read_robots()
        for visit in range(1, self._settings.visits + 1):
            self._visit(visit, list(self.found.pages) if visit > 1 else [self._settings.start])
        return self.found

    def _read_robots(self) -> None:
        answer = self._ask(ROBOTS, 1)
        if 400 <= answer.status < 500 and answer.status != 429:  # RFC 9309: without robots.txt everything is allowed
            self._robots = Protego.parse("")
        elif answer.status == 200:
            self._robots = Protego.parse(answer.body.decode("utf-8-sig", "replace"))
        else:  # and nothing is while it cannot be read
            self._robots = Protego.parse("User-agent: *\nDisallow: /\n")
            self.found.quarantine.append((ROBOTS, "", "robots.txt cannot be read", f"status {answer.status}"))
        agent = self._settings.user_agent
        self._interval = max(self._interval, float(self._robots.crawl_delay(agent) or 0))
        if rate := self._robots.request_rate(agent):
            self._interval = max(self._interval, rate.seconds / rate.requests)
        if self._interval > max(_LONGEST_WAIT_S, self._settings.interval_s):
            self._robots = Protego.parse("User-agent: *\nDisallow: /\n")
            asked = f"{self._interval:g} s, more than {_LONGEST_WAIT_S:g}"
            self.found.quarantine.append((ROBOTS, "", "robots.txt asks for longer pauses", asked))

    def _visit(self, visit: int, pages: list[str]) -> None:
        seen, waiting = set(pages), deque(pages)
        while waiting and len(seen) - len(waiting) < self._settings.max_pages:
            page = waiting.popleft()
            for link in self._collect(page, visit):
                if link not in seen and visit == 1:
                    seen.add(link)
                    waiting.append(link)
        for page in waiting:
            self._row(visit, page, Answer(0), "left out", "")

    def _collect(self, page: str, visit: int) -> list[str]:
        """Ask for a page, keep what it says, and return the pages of this host that it leads to."""
        if self._robots is None or not self._robots.can_fetch(f"{self._origin}{page}", self._settings.user_agent):
            self._row(visit, page, Answer(0), "disallowed", "")
            return []
        answer = self._ask(page, visit)
        if answer.status in _REDIRECTS:
            inside = self._inside(page, answer.location)
            if inside is None:
                self.found.quarantine.append((page, "", "leads to another host", answer.location))
            return [inside] if inside else []
        if answer.status != 200 or answer.too_long:
            reason = "too long or packed" if answer.too_long else f"status {answer.status}"
            self.found.quarantine.append((page, "", reason, ""))
            return []
        read = read_page(answer.body, answer.kind)
        self.found.pages[page] = read
        links = [self._inside(page, link) for link in read.links]
        self.found.elsewhere += links.count(None)
        return [link for link in dict.fromkeys(links) if link is not None]

    def _inside(self, page: str, link: str) -> str | None:
        """The path on this host that a link of `page` leads to; None if it leads elsewhere."""
        try:
            full = urlsplit(urljoin(f"{self._origin}{page}", link.strip()))
            here = f"{full.scheme}://{full.netloc}" == self._origin
        except ValueError:
            return None
        path = (full.path or "/") + (f"?{full.query}" if full.query else "")
        printable = path.isascii() and path.isprintable() and " " not in path and "\\" not in path
        return path if here and printable else None

    def _ask(self, page: str, visit: int) -> Answer:
        """The answer, after retries; that of an unchanged page has status 200 and the body that is known."""
        for attempt in range(self._settings.retries + 1):
            self._wait()
            etag = self._archive.etags.get(page, "")
            answer = self._transport.get(page, {"If-None-Match": etag} if etag else {})
            known = self._archive.bodies.get(page, b"")
            if answer.status == 304:
                answer = replace(answer, body=answer.body or known, kind=self._archive.kinds.get(page, answer.kind))
            again = answer.status in (0, 429) or answer.status >= 500
            pause = self._pause(answer, attempt)
            retried = again and attempt < self._settings.retries and pause <= _LONGEST_WAIT_S
            before = Answer(200, body=known).digest
            self._row(visit, page, answer, "retried" if retried else _outcome(answer, before), before)
            if not retried:
                break
            self._next = max(self._next, self._clock() + pause)
        if answer.status == 304:
            return replace(answer, status=200)
        if answer.status == 200 and not answer.too_long:
            self._archive.etags[page], self._archive.kinds[page] = answer.etag, answer.kind
            self._archive.bodies[page] = answer.body
        return answer

    def _wait(self) -> None:
        """Wait until the interval since the last request is over."""
        ahead = self._next - self._clock()
        if ahead > 0:
            self._sleep(ahead)
        self._next = self._clock() + self._interval

    def _pause(self, answer: Answer, attempt: int) -> float:
        """Seconds to wait before the next attempt: what the site asks for, or twice as long each time."""
        own = max(self._interval, 0.05) * 2.0 ** (attempt + 1)
        if not answer.retry_after:
            return own
        if answer.retry_after.strip().isdecimal():
            return max(own, float(answer.retry_after))
        try:
            asked = parsedate_to_datetime(answer.retry_after)
        except ValueError:
            return own
        aware = asked if asked.tzinfo else asked.replace(tzinfo=UTC)
        return max(own, (aware - datetime.now(UTC)).total_seconds())

    def _row(self, visit: int, page: str, answer: Answer, outcome: str, before: str) -> None:
        digest = answer.digest
        self.found.requests.append((visit, page, answer.status, outcome, len(answer.body), digest))
        if outcome in ("disallowed", "left out"):
            return
        kept = (answer.kind, answer.etag, answer.location, answer.retry_after)
        self.found.answers.append((page, answer.status, *kept, digest, int(answer.too_long), before))
        if digest:
            self.found.bodies[digest] = answer.body


def _outcome(answer: Answer, before: str) -> str:
    if answer.status in _REDIRECTS:
        return "redirected"
    if answer.status == 304 or (answer.status == 200 and before == answer.digest != ""):
        return "unchanged"
    if answer.status != 200:
        return "failed"
    return "changed" if before else "read"
