"""Settings as params.yaml comes with them, but for what a test changes."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import use_preset
import yaml

from radsieve.params import Params
from radsieve.settings import Settings
from radsieve.settings_file import is_block

ROOT = Path(__file__).parents[2]


@cache
def text() -> str:
    """params.yaml with the default preset laid over it, whatever preset is in use."""
    return use_preset.lay((ROOT / "params.yaml").read_text(encoding="utf-8"), *use_preset.overlays("default"))


def content() -> dict[str, Any]:
    """The sections of params.yaml, a copy to be changed."""
    return {name: values for name, values in yaml.safe_load(text()).items() if not is_block(name)}


def settings(key: str, **changes: Any) -> Any:
    """The section `key`, or a part of one (`train_segmenter.chest`), with values in place of its own.

    A mapping changes what it names of a part: `settings("train_abnormality", augmentation={"rotation": 3})`.
    """
    model: Any = Params
    values = content()
    for split in key.split("."):
        model, values = model.model_fields[split].annotation, values[split]
    return model(**_changed(values, changes))


def _changed(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {**values} | {
        name: _changed(values[name], value) if isinstance(value, Mapping) else value for name, value in changes.items()
    }


def changed(settings: Any, **changes: Any) -> Any:
    """The same settings with some values changed, which are not checked."""
    return settings.model_copy(update=changes)


def plain(value: Any) -> Any:
    """Settings, and mappings that hold some, as mappings that can be written as YAML."""
    if isinstance(value, Settings):
        return value.model_dump()
    return {name: plain(inner) for name, inner in value.items()} if isinstance(value, Mapping) else value


COMPUTE: Any = settings("compute", device="cpu", precision="float32", instructions="avx2", threads=1)
