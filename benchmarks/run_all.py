"""Run every benchmark and write docs/performance.md (`make bench`)."""

import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from radsieve.parallel import usable_cores

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs/performance.md"
INTRODUCTION = """# Speed, as measured

Written by `make bench` on {machine}, Python {python}. Our method and the naive method run in turn in one session;
ratios are medians over the rounds. The figures are given as measured, whether targets are met or not.

"""


def machine() -> str:
    """The processor and the number of its cores that this process may use."""
    known = Path("/proc/cpuinfo")  # of Linux
    lines = known.read_text().splitlines() if known.exists() else []
    named = (line.split(":")[1].strip() for line in lines if "model name" in line)
    model = next(named, platform.processor() or platform.machine())
    return f"{usable_cores()} cores of {model}"


def main() -> None:
    """Collect the tables of all bench_*.py."""
    parts = [INTRODUCTION.format(machine=machine(), python=platform.python_version())]
    for script in sorted(HERE.glob("bench_*.py")):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "table.md"
            subprocess.run([sys.executable, script, "--out", out], check=True)
            parts.append(out.read_text(encoding="utf-8").rstrip() + "\n\n")
    PAGE.write_text("".join(parts).rstrip() + "\n", encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
