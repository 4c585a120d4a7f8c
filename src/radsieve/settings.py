"""What settings are made of: the base class, the types of their fields, and the sections that several tracks share.

A section of params.yaml is a frozen pydantic model, a key is a field, and the text below a field says what it means, in
which unit. Types are strict: a boolean is not an integer, and "3" is not 3. The models of a track are in its `settings`
module; `radsieve.params` puts all of them together. A model only checks: what it lets through is what params.yaml says,
but for `none`, which becomes None.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from radsieve.errors import InputError

_MAX_NAME, _MAX_PATH = 255, 4096  # bytes, on most systems
NONE = "none"  # what params.yaml says where there is nothing

T = TypeVar("T")


class Settings(BaseModel):
    """A section of params.yaml, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _as_written(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """Leave a whole number in place of a real one as it is, so that it is shown as it was written: 5, not 5.0."""
        checked = handler(value)
        if isinstance(checked, float):
            return value
        written = isinstance(checked, tuple) and not any(isinstance(one, BaseModel) for one in checked)
        return _frozen(value) if written else checked


def _frozen(value: Any) -> Any:
    """A list as a tuple, those within it as well."""
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


@dataclass(frozen=True)
class Check:
    """A rule for values that pydantic has no constraint for: what must hold, and the same in words and JSON Schema."""

    holds: Callable[[Any], bool]
    words: str
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), **self.schema}

    def _checked(self, value: Any) -> Any:
        if not self.holds(value):
            raise PydanticCustomError("check", self.words)
        return value


@dataclass(frozen=True)
class _NoneWord:
    """Takes the text `none` for None."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: None if value == NONE else value, handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        inner = [one for one in handler(schema)["anyOf"] if one != {"type": "null"}]
        return {"anyOf": [*inner, {"enum": [NONE, None]}]}


def _whole(value: Any) -> Any:
    """Refuse what is only equal to a whole number: true, 1.0."""
    if type(value) is not int:
        raise PydanticCustomError("check", "must be a whole number")
    return value


@dataclass(frozen=True)
class PlaceMark:
    """Marks a setting that names a file or folder, which may lie outside of the project; see `expand`.

    `keywords`: values that are not paths. `only_if`: another field and the value of it without which this is not a
    path.
    """

    keywords: tuple[str, ...] = ()
    only_if: tuple[str, str] | None = None


_ENDPOINT = r"^(embedded|folder|(s3|gs|az)://|https?://(\[[0-9a-fA-F:]+\]|[^\s/@:]+)(:[0-9]+)?(/[^\s@]*)?)$"  # no user
_FOREGROUND = r"^(>\d{1,5}|(\d{1,5}|#[0-9a-fA-F]{6})( (\d{1,5}|#[0-9a-fA-F]{6}))*)$"
WHOLE = BeforeValidator(_whole)
ODD = Check(lambda number: number % 2 == 1, "must be odd", {"not": {"multipleOf": 2}})
DISTINCT = Check(lambda items: len(set(items)) == len(items), "no two alike", {"uniqueItems": True})

ASCENDING = Check(lambda items: list(items) == sorted(items), "must ascend", {})

OrNone = Annotated[T | None, _NoneWord()]
Items = Annotated[tuple[T, ...], Strict(False), DISTINCT]
Several = Annotated[tuple[T, ...], Strict(False), Field(min_length=1), DISTINCT]
List = Annotated[tuple[T, ...], Strict(False)]
Text = Annotated[str, Field(min_length=1)]
FilePath = Annotated[Text, PlaceMark()]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]
Name = Annotated[str, Field(pattern=r"^[^/]+$")]
Fraction = Annotated[float, Field(ge=0, le=1)]
Confidence = Annotated[float, Field(gt=0.5, lt=1)]
Resamples = Annotated[int, Field(ge=100, le=100000)]
ShownWindow = Annotated[int, Field(ge=1, le=99)] | Literal["stored", "range"]
Shown = Annotated[int, Field(ge=1, le=200)]
Seed = Annotated[int, Field(ge=0, le=4294967295, description="Seed of the random numbers.")]


def expand(path: str, key: str = "") -> Path:
    """Return a path of params.yaml with environment variables ($NAME, ${NAME}) and a leading `~` filled in.

    Raises InputError naming the parameter `key` and the variable if one is not set, an unknown user behind `~`, and a
    path that no file can have.
    """
    full = os.path.expandvars(path)
    where = f"{key} = {path!r}" if key else repr(path)
    if left := re.search(r"\$(\w+|\{[^}]*\})", full):
        raise InputError(f"{where}: the environment variable {left.group(1).strip('{}')} is not set; set it")
    sizes = [len(part.encode(errors="surrogatepass")) for part in full.split("/")]
    if "\0" in full or max(sizes) > _MAX_NAME or sum(sizes) + len(sizes) > _MAX_PATH:
        raise InputError(f"{where}: no file can have this path; check it")
    try:
        return Path(full).expanduser()
    except RuntimeError:
        raise InputError(f"{where}: there is no such user; write the path from / on") from None


def settings_of_set(section: Settings, name: str, kind: type[T], stage: str) -> T:
    """Return the settings, of `kind`, that `section` of `stage` has for the set `name`. Raises InputError if none."""
    known = {key: value for key, value in section if isinstance(value, kind)}
    if name not in known:
        raise InputError(f"--set {name}: no such set in {stage}; there are {', '.join(sorted(known))}")
    return known[name]


class ImageSetSettings(Settings):
    """Where the images of a set are and what is known of each; the same keys for every set."""

    images: FilePath
    """Folder of the images, in which $NAME stands for an environment variable."""
    table: OrNone[FilePath]
    """CSV, TSV or Parquet with a row per image, $NAME as in `images`; `none` takes every file below the folder."""
    name: Text
    """Column of the table with the path of the image below the folder; a name without ending, or in other case, is
    taken for the one file that it can mean."""
    patient: OrNone[Text]
    """Column of the table that names the patient, or `none`; a patient's images stay in one split."""
    patient_pattern: OrNone[Text]
    """Regular expression, searched for in the image's path; what its parentheses match names the patient; or `none`;
    without any patient each image counts as a patient of its own."""
    label: OrNone[Text]
    """Column of the table, `folder` for the first level of the image's path, pattern:<regular expression> for what its
    parentheses match in the path, or `none`."""
    labels: Annotated[tuple[Text, ...], Strict(False), Field(max_length=2), DISTINCT]
    """Labels to keep, the negative and then the positive one; images of others are left out, counted; [] keeps all."""
    group: OrNone[Text]
    """Column of any further attribute that is carried along; pattern:<regular expression>, searched for in the image's
    path, where what its parentheses match is the attribute; or `none`."""
    subgroups: Items[Annotated[str, Field(pattern=r"^[^=;]+$")]]
    """Columns of the table, such as sex and view, by whose values the results of networks are told apart, too."""
    age: OrNone[Text]
    """Column of the table with the patient's age in years, or `none`."""
    age_bands: Annotated[Items[Annotated[float, Field(gt=0, lt=150)]], ASCENDING]
    """Ages in years that divide patients into bands: [40, 60] stands for under 40, 40 to under 60, and 60 and over."""
    masks: OrNone[FilePath]
    """Folder of the masks, $NAME as in `images`, or `none`."""
    mask: OrNone[Text]
    """Path of an image's mask below `masks`, where {name} stands for the image's path and {stem} for the same without
    its extension; or column:<column of the table>; several, with blanks and a plus between, are joined (left + right);
    `none` if there are no masks."""
    foreground: OrNone[Annotated[str, Field(pattern=_FOREGROUND)]]
    """What of a mask is foreground: values of grey or numbers of a palette and colours, with blanks between
    ("1 3 #ff0000"), or all grey above a value (">127"); `none` where masks are of 0 and 255, or of 0 and 1."""
    bits: Literal["full", "stored"]
    """What is white in an image of 16 bits: the full scale, or the greatest value of those bits that it uses."""
    window: ShownWindow
    """Of DICOM: which of several VOI tables or windows is shown, as in `ingest_images`."""
    channels: Annotated[Literal[1, 3], WHOLE]
    """1 for grey images, 3 for images in colour."""


class LabelTable(Settings):
    """A table of grades beside the images, for `source.layout: table`."""

    file: OrNone[FilePath]
    """CSV, TSV, Parquet, plain or in a .zip or .gz; $NAME stands for an environment variable; or `none`."""
    image: Text
    """Column of the image: its key, with or without source.prefix, or its name if no other image has it; ending, case,
    separators and Unicode's form may differ."""
    rater: OrNone[Text]
    """Column of the grader, one of source.graders; * for a column for each of them; `none` if there is one grader."""
    label: OrNone[Text]
    """Column of the grade, one of source.grades; unused with a column for each grader."""
    patient: OrNone[Text]
    """Column of the patient, or `none`; it is written down as a pseudonym, and lies in one split."""
    study: OrNone[Text]
    """Column of the study, or `none`; as the patient."""
    view: OrNone[Text]
    """Column of the view, such as PA, or `none`; an attribute of leakage.csv."""
    split: OrNone[Text]
    """Column of the split, train, validation or test, which then counts instead of the one drawn; or `none`."""


class SourceSettings(Settings):
    """Where the graded images are, who graded them, and on which scale."""

    endpoint: OrNone[Annotated[str, Field(pattern=_ENDPOINT)]]
    """URL of an S3 service without credentials in it; `embedded` starts one on loopback and fills it with
    ingest_images.fill; `folder` reads a local folder; `s3://` (in ingest_images.region), `gs://` and `az://` are
    Amazon's, Google's and Azure's, with the credentials in variables of the environment; `none` has no images."""
    bucket: Annotated[Text, PlaceMark(only_if=("endpoint", "folder"))]
    """Name of the bucket or container; for `folder` a path, in which $NAME stands for an environment variable."""
    prefix: Annotated[str, Field(pattern=r"^([^/].*/)?$")]
    """What stands before <grader>/<grade>/<name> in every key: empty, or ending in /."""
    graders: Several[Name]
    """First folder level, one name per expert."""
    grades: Annotated[tuple[Name, ...], Strict(False), Field(min_length=2), DISTINCT]
    """Second folder level, in ascending order; the first one is grade 0."""
    layout: Literal["folders", "table"]
    """What says who graded an image and how: the folders in its key, or a table beside the images."""
    pattern: OrNone[Text]
    """For folders of another layout: a regular expression, searched for in the key without the prefix, that finds the
    grade, (?P<grade>...), and the grader, (?P<grader>...); `none` for <grader>/<grade>/<name>."""
    table: LabelTable
    same_picture: Literal["pixels", "bytes"]
    """What two files must share for their grades to be compared as those of one picture: `pixels` (equal after
    decoding, so that copies which every expert saved anew are one picture) or `bytes` (the very same file)."""


class Storage(Settings):
    """How a bucket is filled and read."""

    fill: Annotated[Text, PlaceMark(keywords=("phantoms",))]
    """What the embedded bucket is filled with: `phantoms`, or the path of a folder, in which $NAME stands for an
    environment variable."""
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    """Region that requests are signed for."""
    access: Literal["keys", "public", "requester_pays"]
    """With the keys of the environment; without any, for a bucket that everybody may read; or with keys whose owner
    pays for what is read."""
    addressing: Literal["path", "virtual"]
    """Whether the bucket stands in the path of a URL or in the name of its host."""
    concurrency: Annotated[int, Field(ge=1, le=256)]
    """Objects read at the same time, at most: reading begins with 32, and goes on with twice as many as long as that is
    faster."""
    retries: Annotated[int, Field(ge=0, le=20)]
    """Retries after a failed or throttled request, with backoff."""
    timeout_s: Annotated[float, Field(gt=0, le=3600)]
    """Limit of one request in seconds."""


class AnyImages(Settings):
    """Images from a pack, a folder or a bucket."""

    batch: Annotated[int, Field(ge=1, le=1024)]
    """Images that are held in memory at a time."""
    access: Literal["keys", "public", "requester_pays"]
    """How a bucket that a script by hand is given as `--images` is read: see ingest_images."""
    max_withheld: Annotated[int, Field(ge=0)]
    """Objects of such a bucket that may be archived, or not given by the service, and go to quarantine; one more stops
    the run."""


class Splits(Settings):
    """How everything is divided into train, validation and test, the same in all sets and tracks."""

    validation_share: Annotated[float, Field(ge=0.05, le=0.4)]
    """Share of the patients on whose images choices are made."""
    test_share: Annotated[float, Field(ge=0.05, le=0.4)]
    """Share of the patients whose images are held out for the final figures."""
    seed: Seed


class Compute(Settings):
    """Where networks run, for all stages that use one."""

    device: Literal["auto", "cpu", "cuda"]
    """`auto` takes a GPU if there is one, whose results differ from those of the CPU; `cpu` gives the same bytes in
    every run."""
    precision: Literal["float32", "bfloat16"]
    """Data type in which convolutions are computed; bfloat16 is faster on GPUs and on processors with AMX, and less
    exact."""
    instructions: Literal["avx2", "native"]
    """Instruction set of the CPU: `avx2` gives the same results on all processors that have AVX2; `native` uses all
    that a processor has, which is faster on those with AVX-512 and needed for bfloat16 there."""
    threads: Annotated[int, Field(ge=1, le=256)]
    """Batches that a trained network processes at a time on the CPU; no result depends on it. Training uses one
    thread."""


class GeneratorSettings(Settings):
    """The generator, for all stages that generate images from latents."""

    weights: Annotated[Text, PlaceMark(keywords=("phantoms",))]
    """`phantoms`, or the path of a safetensors file with a card (of train_gan, or MONAI's Generator) or a TorchScript
    file; $NAME stands for an environment variable, {group} for the name of a group."""
    trusted: Items[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]
    """SHA-256 of the TorchScript files that may be loaded: TorchScript is code from outside; list what you trust."""
    low: Annotated[Literal[-1, 0], WHOLE]
    """Value of black in the output of a user's network: -1 or 0; white is 1; for generators of train_gan it is
    known."""
    pixels: Annotated[int, Field(ge=32, le=2048)]
    """Height and width of phantoms in pixels, to which images of generators of train_gan are resized, too; another
    network has its own size."""
    groups: Several[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")]]
    """Names of the groups; for phantoms age and sex, such as 18_24f."""


class LatentSettings(Settings):
    """What the models of the prefilter are evaluated on, for all stages that evaluate one."""

    groups: Several[Word]
    """Groups for which models are learnt, one model each; every one must occur in the table of latents."""
    distribution: Literal["uniform", "normal"]
    """What each component of a latent is drawn from: uniform in [-1, 1], or standard normal, as in StyleGAN; that of
    the twin and of all generators of this project is uniform. The number of components is that of the table."""
    folds: Annotated[int, Field(ge=2, le=20)]
    """Number of folds of the cross-validation that all models share."""
    confidence: Confidence
    """Coverage of the intervals."""
    seed: Seed


class Generation(Settings):
    """The groups that get a generator of their own, and the images generated with it, for all stages of the track."""

    groups: Several[Word]
    """Groups for which a generator is trained, one each; values of column `group` of
    results/assign_splits/gan/images.csv."""
    diseased: Items[Word]
    """Those of the groups whose images show a disease: good ones must look diseased, and need not pass the scores that
    ask for a healthy chest (abnormal, maxheat, symmetry)."""
    pixels: Annotated[int, Field(ge=32, le=2048)]
    """Height and width in pixels of the images generated with them; those of a network of another size are
    resampled."""


class ImageChanges(Settings):
    """How images to learn from are changed, each one at random; these keys stand wherever networks learn."""

    rotation: Annotated[float, Field(ge=0, le=180)]
    """Largest angle in degrees by which images to learn from are turned."""
    shift: Annotated[float, Field(ge=0, le=0.5)]
    """Largest shift as a share of the side."""
    zoom: Fraction
    """Largest change of the natural logarithm of the scale."""
    mirror: Fraction
    """Share of them that are mirrored left to right."""
    contrast: Fraction
    """Largest relative change of contrast and of gamma; brightness and lighting change by a part of it."""
    blur: Fraction
    """Share of them that are blurred."""
    noise: Annotated[float, Field(ge=0, le=0.5)]
    """Largest standard deviation of white noise as a share of full scale."""


class Augmentation(ImageChanges):
    """How the copies of training images are changed, each one at random."""

    elastic: Annotated[float, Field(ge=0, le=0.2)]
    """Largest displacement of a smooth deformation as a share of the side."""
    invert: Fraction
    """Share of them with black and white exchanged."""


class SharedSections(Settings):
    """The sections that several stages share, in the order of params.yaml."""

    source: SourceSettings
    splits: Splits
    compute: Compute
    generator: GeneratorSettings
    latents: LatentSettings
    generation: Generation
