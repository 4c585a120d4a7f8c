"""The table of attacks: `python -m pytest tests/hostile` prints it, a row for every input that was tried.

A test's docstring says what must happen, the id of its parameters (else its name) what was tried, and the fixture
`happened` records what happened.
"""

import re
from collections.abc import Callable

import bounded
import pytest
from s3_service import service  # noqa: F401 (a fixture)


@pytest.fixture
def happened(record_property) -> Callable[[object], None]:
    """Writes down what happened, for the table."""
    return lambda outcome: record_property("happened", re.sub(r"/tmp/\S*/", "", " ".join(str(outcome).split())))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    tried = item.callspec.id if hasattr(item, "callspec") else item.name.removeprefix("test_").replace("_", " ")
    must = (item.function.__doc__ or "").partition("\n")[0]
    report.user_properties += [("group", item.module.__doc__.partition("\n")[0]), ("tried", tried), ("must", must)]
    return report


def pytest_terminal_summary(terminalreporter, config):
    if not config.args or not all("tests/hostile" in argument for argument in config.args):
        return
    group = ""
    for kind in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.getreports(kind):
            row = dict(getattr(report, "user_properties", ()))
            if "tried" not in row or (report.when != "call" and kind == "passed"):
                continue
            if row["group"] != group:
                group = row["group"]
                terminalreporter.write_line(f"\n{group}")
                terminalreporter.write_line("| tried | must happen | happened |\n|---|---|---|")
            said = "as it must" if kind == "passed" else kind.upper()
            said = f"{said}: {row['happened'][:160]}" if "happened" in row else said
            terminalreporter.write_line(f"| {row['tried']} | {row['must']} | {said} |")
    terminalreporter.write_line(f"\nprocessor: {bounded.processor_seconds():.0f} s in limited processes")
