"""What DVC reads again for every stage is read once, and no two stages share it."""

import remembering_dvc
import yaml
from dvc import cli
from dvc.commands.commit import CmdCommit
from dvc.dvcfile import Lockfile
from dvc.repo import Repo
from dvc.repo.stage import StageLoad


def test_what_was_read_once_is_given_to_each_as_a_copy() -> None:
    """Stages that shared a list would be written to dvc.lock with references from one to the other."""
    read = []

    def load(path: str) -> dict[str, list[str]]:
        read.append(path)
        return {"grades": ["0", "4"]}

    remembered = remembering_dvc.remembering(load, copied=True)
    first, second = remembered("params.yaml"), remembered("params.yaml")
    first["grades"].append("9")
    assert second == {"grades": ["0", "4"]}
    assert read == ["params.yaml"]
    assert remembered("other.yaml") == {"grades": ["0", "4"]}
    assert read == ["params.yaml", "other.yaml"]


def test_what_was_read_for_some_keys_is_not_given_for_others() -> None:
    """DVC asks for the keys of a stage as a list, and for one format or the other by name."""

    def read(path: str, keys: list[str], *, flatten: bool = True) -> list[str]:
        return [path, *keys, str(flatten)]

    remembered = remembering_dvc.remembering(read, copied=True)
    assert remembered("p", ["a"]) == ["p", "a", "True"]
    assert remembered("p", ["a", "b"]) == ["p", "a", "b", "True"]
    assert remembered("p", ["a"], flatten=False) == ["p", "a", "False"]


def test_stages_that_are_named_are_recorded_together(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for owner, name in ((CmdCommit, "run"), (StageLoad, "collect_granular")):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # put back at the end
    Repo.init(no_scm=True)
    stages = {name: {"cmd": f"echo > {name}", "outs": [name]} for name in ("a", "b", "c")}
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    for name in stages:
        (tmp_path / name).touch()
    written = []
    dump = Lockfile.dump_stages
    monkeypatch.setattr(Lockfile, "dump_stages", lambda *of, **how: written.append(1) or dump(*of, **how))
    remembering_dvc.commit_together()
    assert cli.main(["commit", "--force", "--quiet", "a", "c"]) == 0
    assert list(yaml.safe_load((tmp_path / "dvc.lock").read_text())["stages"]) == ["a", "c"]
    assert len(written) == 1
    assert cli.main(["commit", "--force", "--quiet", "b", "nothing"]) != 0
