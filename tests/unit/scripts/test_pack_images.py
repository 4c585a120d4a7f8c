"""scripts/pack_images.py on images written by the test."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from radsieve import tables
from radsieve.imaging.packs import read_pack
from radsieve.tables.images import IMAGE_QUARANTINE, PACKED_FILES

OPTIONS = {"set": "sex", "images": "pack", "out": "out"}
OUTPUTS = ["files.csv", "grid.png", "metrics.json", "quarantine.csv"]
SEX = {
    "images": "$OWN_IMAGES/images",
    "table": "truth.csv",
    "label": "sex",
    "labels": ["M", "F"],
    "group": "arm",
    "masks": "masks",
    "mask": "{stem}_mask.png",
}


@pytest.fixture
def folder(tmp_path, set_params, monkeypatch):
    """Sixteen images of eight patients, one of them broken, one named in the table only; one patient's sex unknown."""
    monkeypatch.setenv("OWN_IMAGES", str(tmp_path))
    rng = np.random.default_rng(0)
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    rows = []
    for index in range(16):
        name = f"{index:02}.png"
        image = Image.fromarray(rng.integers(0, 256, (40, 40), dtype=np.uint8))
        image.convert(("L", "RGB", "RGBA", "P")[index % 4]).save(tmp_path / "images" / name)
        mask = np.zeros((40, 40), dtype=np.uint8)
        mask[10:30, 10:30] = 255
        Image.fromarray(mask).save(tmp_path / "masks" / f"{index:02}_mask.png")
        rows.append((name, f"p{index // 2}", "?" if index >= 14 else "MF"[index // 2 % 2], "yes"))
    (tmp_path / "images/05.png").write_bytes(b"no image")
    rows.append(("lost.png", "p0", "M", "yes"))
    table = pd.DataFrame(rows, columns=["image", "patient", "sex", "arm"])
    table.to_csv(tmp_path / "truth.csv", index=False)
    set_params(tmp_path, pack_images={"pixels": 32, "sex": params()})
    return tmp_path


def params(**changes):
    fixed = {
        "name": "image",
        "patient": "patient",
        "patient_pattern": "none",
        "foreground": "none",
        "bits": "full",
        "window": 1,
        "channels": 1,
        "subgroups": [],
        "age": "none",
        "age_bands": [],
    }
    return fixed | SEX | changes


def test_a_set_is_packed_and_written_alike_each_time(folder, run_stage):
    done = run_stage("pack_images", folder, **OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "13 images of sex, 6 F, 7 M; 2 in quarantine" in done.stderr
    images, pack = tables.read(PACKED_FILES, folder / "out/files.csv"), read_pack(folder / "pack")
    assert images["image"].tolist() == pack.names
    assert pack.images.shape == (13, 1, 32, 32) and pack.masks.sum() == 13 * 16 * 16
    quarantine = tables.read(IMAGE_QUARANTINE, folder / "out/quarantine.csv")
    assert quarantine.to_numpy().tolist() == [
        ["05.png", "no image", "none of PNG, JPEG, TIFF, BMP, WEBP, DICOM"],
        ["lost.png", "not in the folder", "listed in the table"],
    ]
    metrics = json.loads((folder / "out/metrics.json").read_text())
    assert metrics["left_out_by_label"] == {"?": 2}
    assert metrics["images_by_label"] == images["label"].value_counts().to_dict()
    assert sorted(path.name for path in (folder / "out").iterdir()) == OUTPUTS
    again = run_stage("pack_images", folder, **OPTIONS | {"images": "pack again", "out": "again"})
    assert again.returncode == 0, again.stderr
    for name in OUTPUTS:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes()
    for name in ("images.npy", "masks.npy", "index.csv"):
        assert (folder / "pack" / name).read_bytes() == (folder / "pack again" / name).read_bytes()


@pytest.mark.parametrize(
    ("set_name", "changes", "message"),
    [
        ("sex", {"images": "$NOT_SET/images"}, "the environment variable NOT_SET is not set"),
        (
            "pixels",
            {},
            "--set pixels: no such set in pack_images; there are abnormality, breast, chest, gan, sex, skin",
        ),
    ],
)
def test_what_a_user_can_get_wrong_ends_with_status_2(folder, run_stage, set_params, set_name, changes, message):
    set_params(folder, pack_images={"sex": params(**changes)})
    done = run_stage("pack_images", folder, **OPTIONS | {"set": set_name})
    assert done.returncode == 2
    assert message in done.stderr
    assert not (folder / "out").exists() and not (folder / "pack").exists()
