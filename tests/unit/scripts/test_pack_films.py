"""scripts/pack_films.py on films written by the test."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from radsieve import tables
from radsieve.imaging.packs import read_pack
from radsieve.tables.films import FILM_QUARANTINE, FILMS

OPTIONS = {"set": "sex", "films": "pack", "out": "out"}
OUTPUTS = ["films.csv", "metrics.json", "quarantine.csv", "sheet.png"]
SEX = {
    "films": "$OWN_FILMS/films",
    "table": "truth.csv",
    "label": "sex",
    "labels": ["M", "F"],
    "group": "arm",
    "masks": "masks",
    "mask": "{stem}_mask.png",
}


@pytest.fixture
def folder(tmp_path, set_params, monkeypatch):
    """Sixteen films of eight patients, one of them broken, one named in the table only; one patient's sex unknown."""
    monkeypatch.setenv("OWN_FILMS", str(tmp_path))
    rng = np.random.default_rng(0)
    (tmp_path / "films").mkdir()
    (tmp_path / "masks").mkdir()
    rows = []
    for index in range(16):
        name = f"{index:02}.png"
        film = Image.fromarray(rng.integers(0, 256, (40, 40), dtype=np.uint8))
        film.convert(("L", "RGB", "RGBA", "P")[index % 4]).save(tmp_path / "films" / name)
        mask = np.zeros((40, 40), dtype=np.uint8)
        mask[10:30, 10:30] = 255
        Image.fromarray(mask).save(tmp_path / "masks" / f"{index:02}_mask.png")
        rows.append((name, f"p{index // 2}", "?" if index >= 14 else "MF"[index // 2 % 2], "yes"))
    (tmp_path / "films/05.png").write_bytes(b"no film")
    rows.append(("lost.png", "p0", "M", "yes"))
    table = pd.DataFrame(rows, columns=["film", "patient", "sex", "arm"])
    table.to_csv(tmp_path / "truth.csv", index=False)
    set_params(tmp_path, pack_films={"pixels": 32, "sex": params(), "validation_share": 0.3, "test_share": 0.3})
    return tmp_path


def params(**changes):
    fixed = {"name": "film", "patient": "patient", "patient_pattern": "none", "channels": 1}
    return fixed | SEX | changes


def test_a_set_is_packed_and_written_alike_each_time(folder, run_stage):
    done = run_stage("pack_films", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "13 films of sex (" in done.stderr and "2 in quarantine" in done.stderr
    films, pack = tables.read(FILMS, folder / "out/films.csv"), read_pack(folder / "pack")
    assert films["film"].tolist() == pack.names
    assert pack.films.shape == (13, 1, 32, 32) and pack.masks.sum() == 13 * 16 * 16
    assert films.groupby("patient")["part"].nunique().eq(1).all()
    assert films.groupby("part")["label"].nunique().to_dict() == {"test": 2, "train": 2, "validation": 2}
    quarantine = tables.read(FILM_QUARANTINE, folder / "out/quarantine.csv")
    assert quarantine.to_numpy().tolist() == [
        ["05.png", "no image", "none of PNG, JPEG, TIFF, BMP, WEBP"],
        ["lost.png", "not in the folder", "listed in the table"],
    ]
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics["left_out_by_label"] == {"?": 2}
    assert metrics["parts"]["train"]["films"] == (films["part"] == "train").sum()
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    again = run_stage("pack_films", folder, **OPTIONS | {"films": "pack again", "out": "again"})
    assert again.returncode == 0, again.stderr
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes()
    for name in ("films.npy", "masks.npy", "index.csv"):
        assert (folder / "pack" / name).read_bytes() == (folder / "pack again" / name).read_bytes()


@pytest.mark.parametrize(
    ("set_name", "changes", "message"),
    [
        ("sex", {"films": "$NOT_SET/films"}, "the environment variable NOT_SET is not set"),
        ("pixels", {}, "--set pixels: no such set in pack_films; there are abnormality, breast, chest, gan, sex, skin"),
    ],
)
def test_what_a_user_can_get_wrong_ends_with_status_2(folder, run_stage, set_params, set_name, changes, message):
    set_params(folder, pack_films={"sex": params(**changes)})
    done = run_stage("pack_films", folder, **OPTIONS | {"set": set_name})
    assert done.returncode == 2
    assert message in done.stderr
    assert not (folder / "out").exists() and not (folder / "pack").exists()
