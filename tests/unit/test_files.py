"""Where files go: radsieve.files."""

from radsieve import files


def test_the_folder_of_the_cache_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("RADSIEVE_CACHE", raising=False)
    assert str(files.cache_folder()) == ".cache/radsieve"
    monkeypatch.setenv("RADSIEVE_CACHE", str(tmp_path))
    assert files.cache_folder() == tmp_path
