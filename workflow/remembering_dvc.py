"""DVC's command line, with what it reads anew for every stage kept in memory: params.yaml and git's index.

DVC reads params.yaml up to three times a stage and git's index once an output, two thirds of the time that it takes to
record all stages. Neither changes while DVC records or compares. Stages that are named are recorded together, as all
are: DVC would read and write dvc.lock for each, a second a stage.
"""

import copy
import sys
from collections.abc import Callable
from typing import Any

from dulwich.repo import Repo
from dvc import cli
from dvc.commands.commit import CmdCommit
from dvc.dependency import param
from dvc.repo.stage import StageLoad


def remembering(read: Callable[..., Any], *, copied: bool) -> Callable[..., Any]:
    """The function, called once for the same arguments; copied: lest dvc.lock refers from one stage to another."""
    known: dict[Any, Any] = {}

    def remembered(*of: Any, **how: Any) -> Any:
        key = tuple(tuple(each) if isinstance(each, list) else each for each in (*of, *how.items()))
        if key not in known:
            known[key] = read(*of, **how)
        return copy.deepcopy(known[key]) if copied else known[key]

    return remembered


class Together(str):
    """The names of several stages, for which DVC's command calls `commit` once."""

    names: tuple[str, ...] = ()


def commit_together() -> None:
    """Let DVC's `commit` take all stages that it is given at once."""
    run, collect = CmdCommit.run, StageLoad.collect_granular

    def run_once(self: CmdCommit) -> Any:
        if len(self.args.targets) > 1:
            together = Together(", ".join(self.args.targets))
            together.names = tuple(self.args.targets)
            self.args.targets = [together]
        return run(self)

    def collected(self: StageLoad, target: str | None = None, *of: Any, **how: Any) -> list[Any]:
        names = target.names if isinstance(target, Together) else (target,)
        return [found for name in names for found in collect(self, name, *of, **how)]

    CmdCommit.run, StageLoad.collect_granular = run_once, collected


def main() -> int:
    """Run DVC as its own command would; these names are no part of what it promises, so that they may be missing."""
    for owner, name, copied in (
        (param, "load_path", False),
        (param, "read_param_file", True),  # what one stage needs of it
        (Repo, "open_index", False),
    ):
        if hasattr(owner, name):
            setattr(owner, name, remembering(getattr(owner, name), copied=copied))
    commit_together()
    status: int = cli.main()
    return status


if __name__ == "__main__":
    sys.exit(main())
