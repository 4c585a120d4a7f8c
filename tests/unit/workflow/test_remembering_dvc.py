"""What DVC reads again for every stage is read once, and no two stages share it."""

import remembering_dvc


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
