"""Copy a folder of DICOM files without what identifies whom they show; quarantined are those that cannot be cleaned."""

import argparse
import hashlib
from collections import Counter

from radsieve import files, stage
from radsieve.errors import InputError
from radsieve.imaging.decode import MAX_PIXELS
from radsieve.imaging.deidentification import deidentified
from radsieve.imaging.image_folders import fault, listing
from radsieve.imaging.image_sets import open_folder
from radsieve.imaging.pseudonyms import with_own_key
from radsieve.imaging.unreadable import UnreadableImageError
from radsieve.overwriting import check_outside
from radsieve.params import Params
from radsieve.progress import track


def main(args: argparse.Namespace, params: Params) -> str:
    """Write a copy of each file under a name that tells nothing; files left out are named by their place alone."""
    check_outside(args.out, args.images)
    if args.out.exists() and not (args.out.is_dir() and next(args.out.iterdir(), None) is None):
        raise InputError(
            f"--out {args.out} is not an empty folder; copies of an earlier run may show whom the images no longer do: "
            "name a new folder, or remove what is there"
        )
    source, pseudonyms = open_folder(args.images, "--images"), with_own_key()
    left_out: Counter[str] = Counter()
    written = set()
    for place, stored in enumerate(track(listing(source), "copying"), start=1):
        try:
            if why := fault(stored):
                raise UnreadableImageError("broken image", why[0])
            copy = deidentified(source.read(stored).data, pseudonyms, MAX_PIXELS)
        except UnreadableImageError as error:
            left_out[error.reason] += 1
            stage.log.warning("file %d by name: left out, %s: %s", place, error.reason, error.detail)
            continue
        name = f"{hashlib.sha256(copy).hexdigest()[:16]}.dcm"
        files.write_bytes(args.out / name, copy)
        written.add(name)
    if not written:
        raise InputError(f"--images {args.images}: none of {sum(left_out.values())} files could be copied")
    reasons = "".join(f", {count} {reason}" for reason, count in sorted(left_out.items()))
    return f"{len(written)} copies, {sum(left_out.values())} files left out{reasons}"


if __name__ == "__main__":
    stage.run(
        main,
        __doc__,
        paths={"images": "folder of DICOM files", "out": "folder for the copies"},
        sections=(),
    )
