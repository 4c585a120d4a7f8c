"""scripts/collect_pages.py on a drawn site, and again from what it kept."""

import json

from radsieve.tasks.cases import games, pages


def test_a_site_is_collected_and_replayed_with_the_same_bytes(tmp_path, run_stage, set_params):
    pages.write(games.simulate(200, seed=1)[0], tmp_path / "site")
    set_params(tmp_path)
    done = run_stage("collect_pages", tmp_path, site="site", pages="pages", out="out")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out/metrics.json").read_text())["nominees"] > 30
    set_params(tmp_path, collect_pages={"source": "folder", "folder": "pages"})
    done = run_stage("collect_pages", tmp_path, site="none", pages="again", out="replayed")
    assert done.returncode == 0, done.stderr
    for one, other in (("pages", "again"), ("out", "replayed")):
        names = sorted(path.name for path in (tmp_path / one).iterdir())
        assert names == sorted(path.name for path in (tmp_path / other).iterdir())
        assert [(tmp_path / one / name).read_bytes() for name in names] == [
            (tmp_path / other / name).read_bytes() for name in names
        ]
