"""params.yaml, its models and the presets."""

from pathlib import Path

import pytest
import use_preset
import yaml

from radsieve import params
from radsieve.settings_schema import at, schema_of

ROOT = Path(__file__).parents[2]

SCHEMA = schema_of(params.Params)
TEXT = (ROOT / "params.yaml").read_text()
PRESETS = {path.stem: path.read_text() for path in sorted((ROOT / "workflow/presets").glob("*.yaml"))}
CHANGES = {
    name: {section: values for section, values in yaml.safe_load(text).items() if section != use_preset.OVER}
    for name, text in PRESETS.items()
}


def objects(loc=()):
    """The keys of the whole, of every section, and of every part of one."""
    found = at(SCHEMA, loc)
    if "properties" in found:
        yield loc
        for key in found["properties"]:
            yield from objects((*loc, key))


OBJECTS = [".".join(loc) for loc in objects()]


def keys_of(name):
    return at(SCHEMA, name.split(".") if name else ())


@pytest.mark.parametrize("name", OBJECTS)
def test_sections_are_closed_and_complete(name):
    schema = keys_of(name)
    assert schema["additionalProperties"] is False
    assert schema["required"] == list(schema["properties"])


@pytest.mark.parametrize("name", OBJECTS[1:])
def test_every_key_is_explained(name):
    assert len(keys_of(name)["description"]) > 20
    for key in keys_of(name)["properties"]:
        described = at(SCHEMA, [*name.split("."), key])["description"]
        assert len(described) > 20, key
        assert described.endswith("."), key


@pytest.mark.parametrize("name", OBJECTS)
def test_numbers_have_a_range(name):
    for key, schema in keys_of(name)["properties"].items():
        for one in (schema, schema.get("items", {}), *schema.get("anyOf", [])):
            if one.get("type") in ("integer", "number") and "enum" not in one:
                assert {"minimum", "exclusiveMinimum"} & set(one), key


def test_banned_names():
    """DVC's run-cache takes no notice of parameters of these names."""
    assert not {"size", "nfiles"} & {key for name in OBJECTS for key in keys_of(name)["properties"]}


def test_params_have_the_order_of_the_models():
    content = yaml.safe_load(TEXT)
    for name in OBJECTS:
        values = content
        for key in filter(None, name.split(".")):
            values = values[key]
        assert list(values) == keys_of(name)["required"], name


@pytest.fixture
def defaults():
    """params.yaml with the default preset laid over it, whatever preset is in use."""
    return use_preset.lay(TEXT, PRESETS["default"])


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_valid_and_leave_no_trace(name, defaults, tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text(defaults)
    use_preset.use(name, path)
    params.load(path)
    expected = yaml.safe_load(defaults)
    for overlay in use_preset.overlays(name):
        expected = _merged(expected, yaml.safe_load(overlay))
    assert yaml.safe_load(path.read_text()) == expected
    use_preset.use("default", path)
    assert path.read_text() == defaults


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "default"])
def test_default_covers_what_a_preset_changes(name):
    for section, values in CHANGES[name].items():
        assert set(values) <= set(CHANGES["default"][section])


def test_a_preset_builds_on_the_one_it_names():
    laid = yaml.safe_load(use_preset.lay(TEXT, *use_preset.overlays("chest-loop")))
    assert laid["alter_films"]["label"] == CHANGES["chest"]["alter_films"]["label"]
    assert laid["generation"]["groups"] == CHANGES["chest-loop"]["generation"]["groups"]


def test_default_holds_nothing_else():
    changed = {
        (s, k) for name, sections in CHANGES.items() if name != "default" for s, v in sections.items() for k in v
    }
    assert {(s, k) for s, v in CHANGES["default"].items() for k in v} == changed


def _merged(base, overlay):
    """Lay one over the other; a value that is an alias of a whole section stays one."""
    merged = {section: values | overlay.get(section, {}) for section, values in base.items()}
    for section, values in base.items():
        for key, value in values.items():
            for other in [name for name in base if value is base[name]]:
                merged[section][key] = merged[other]
    return merged
