"""Images: small files that ask for much"""

import threading
import time

import bounded
import hostile_images
import pytest

from radsieve.imaging import cost

LARGE = [name for name in hostile_images.MADE if hostile_images.is_large(name)]


def tried(name, happened):
    content = hostile_images.MADE[name]()
    assert len(content) < 5_000_000 or "10^6" in name
    outcome = bounded.call("radsieve.imaging.facts:facts_of", content, 10**8)
    read = f"read ({outcome.seconds:.1f} s, {outcome.megabytes:.0f} MB)"
    happened(read if outcome.kind == "returned" else outcome)
    assert outcome.kind in ("UnreadableImageError", "returned"), outcome
    assert outcome.seconds < bounded.SECONDS and outcome.megabytes < bounded.BYTES / 1e6, outcome
    return outcome


@pytest.mark.parametrize("name", [name for name in hostile_images.MADE if name not in LARGE])
def test_small(name, happened):
    """Read or quarantined with a reason, within 8 seconds of the processor and 1 GB."""
    outcome = tried(name, happened)
    assert (outcome.kind == "returned") == (name in hostile_images.READ), outcome


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_large(name, happened):
    """Read or quarantined with a reason, within 8 seconds of the processor and 1 GB."""
    outcome = tried(name, happened)
    assert outcome.kind == "returned" or name not in hostile_images.READ, outcome


def test_pictures_in_flight(happened):
    """However many threads decode, what they hold together has a limit."""
    content = hostile_images.png(8000, 8000)[:60]  # the header alone: 64 megapixels
    held, most, lock = [0], [0], threading.Lock()

    def decode():
        with cost.room(content):
            with lock:
                held[0] += 1
                most[0] = max(most[0], held[0])
            time.sleep(0.02)
            with lock:
                held[0] -= 1

    threads = [threading.Thread(target=decode) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    happened(f"{most[0]} of 8 pictures of 64 megapixels at a time")
    assert most[0] == max(1, cost.IN_FLIGHT // (64_000_000 * 16))
