"""The schemas of masks: how well they fit, and what was found; read and written by `radsieve.tables`."""

import pandera.pandas as pa

from radsieve.imaging.spacing import PLANES
from radsieve.tables.columns import PATH, SHARE, count, number, one_of, schema, text

# How well each held-out image was segmented; `hd95` in pixels of the packed image, and in millimetres; areas as shares
# of the image, and in square millimetres; the mean entropy of the probabilities in bits. Millimetres are empty where no
# header gives the spacing of the pixels; `mm_at` says whether they are those at the detector, on which things are
# larger than in the patient, or in the patient. If neither the mask nor the prediction has foreground, overlaps are 1
# and hd95 is 0; if just one of them has, overlaps are 0 and hd95 is empty.
SEGMENTATION_SCORES = schema(
    "scores",
    image=text(PATH),
    patient=text(),
    unit=text(),
    pixel_accuracy=number(SHARE),
    iou=number(SHARE),
    dice=number(SHARE),
    hd95=number(pa.Check.ge(0), nullable=True),
    surface_dice=number(SHARE),
    area_true=number(SHARE),
    area_found=number(SHARE),
    entropy=number(SHARE),
    hd95_mm=number(pa.Check.ge(0), nullable=True),
    area_true_mm2=number(pa.Check.ge(0), nullable=True),
    area_found_mm2=number(pa.Check.ge(0), nullable=True),
    mm_at=one_of(*PLANES),
)

# What the segmenter found on each image: share of the image that is mask, number of connected parts, the mean entropy
# of the probabilities in bits (a measure of uncertainty), and the area in square millimetres, as above.
SEGMENTED = schema(
    "segmented",
    image=text(PATH),
    area_share=number(SHARE),
    parts=count(),
    entropy=number(SHARE),
    area_mm2=number(pa.Check.ge(0), nullable=True),
    mm_at=one_of(*PLANES),
)
