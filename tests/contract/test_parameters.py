"""params.yaml, its models and the presets."""

import json
from collections import Counter
from copy import deepcopy
from pathlib import Path

import jsonschema
import pytest
import use_preset
import yaml
from dvc.utils.hydra import apply_overrides

from radsieve import params, settings_docs, settings_file, yaml_text
from radsieve.settings_schema import at, schema_of

ROOT = Path(__file__).parents[2]

SCHEMA = schema_of(params.Params)
TEXT = (ROOT / "params.yaml").read_text()
PRESETS = {path.stem: path.read_text() for path in sorted((ROOT / "workflow/presets").glob("*.yaml"))}
FOLLOWING = [  # section, part, and the section that the part takes over
    ("measure_loop", "thresholds", "select_thresholds"),
    ("compare_sieving", "thresholds", "select_thresholds"),
    ("compare_training", "classifier", "train_abnormality"),
]


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
    content = {name: values for name, values in yaml.safe_load(TEXT).items() if not settings_file.is_block(name)}
    for name in OBJECTS:
        values = content
        for key in filter(None, name.split(".")):
            values = values[key]
        assert list(values) == keys_of(name)["required"], name


@pytest.mark.parametrize("text", [TEXT, *PRESETS.values()], ids=["params", *PRESETS])
def test_no_block_is_written_twice(text):
    """Blocks that have values in common take them over from one another by `<<`."""
    lines = [line.split("#")[0].rstrip() for line in text.splitlines()]
    runs = Counter(tuple(map(str.strip, lines[i : i + 5])) for i in range(len(lines) - 4) if all(lines[i : i + 5]))
    assert [run for run, count in runs.items() if count > 1] == []


def test_a_block_says_only_what_differs_from_what_it_takes_over():
    """No section sets what it would take over anyway."""
    root = yaml.compose(TEXT)
    for section, path in sections_of(root):
        own = {name.value: node for name, node in section.value if not isinstance(node, yaml.MappingNode)}
        for name, merged in section.value:
            if name.tag == yaml_text.MERGE:
                taken = yaml.safe_load(yaml.serialize(merged))
                assert not [k for k in own if k in taken and yaml.safe_load(yaml.serialize(own[k])) == taken[k]], path


def test_only_single_values_are_taken_over():
    """A whole block would be one and the same for several sections, and `dvc exp run -S` would set it in none."""
    for section, path in sections_of(yaml.compose(TEXT)):
        own = {name.value for name, _ in section.value}
        for name, node in section.value:
            assert node.start_mark.index > name.start_mark.index or name.tag == yaml_text.MERGE, path
            if name.tag == yaml_text.MERGE:
                blocks = {key for key, value in yaml_text.entries(node).items() if isinstance(value, yaml.MappingNode)}
                assert blocks <= own, path


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("train_abnormality.augmentation.rotation", 3),
        ("compare_training.classifier.augmentation.rotation", 3),
        ("train_abnormality.folds", 7),
        ("train_sex.folds", 7),
        ("pack_images.gan.patient", "child"),
        ("train_segmenter.skin.seed", 7),
        ("select_thresholds.test_rows", 50),
        ("source.grades", ["low", "high"]),
    ],
)
def test_dvc_sets_a_value_and_nothing_else(key, value, tmp_path):
    """As `dvc exp run -S key=value` does."""
    path = tmp_path / "params.yaml"
    path.write_text(TEXT)
    apply_overrides(str(path), [f"{key}={value}"])
    found, expected = yaml.safe_load(path.read_text()), yaml.safe_load(TEXT)
    section, _, name = key.rpartition(".")
    block = deepcopy(yaml_text.at(expected, section.split(".")))
    block[name] = value
    above, _, part = section.rpartition(".")
    (yaml_text.at(expected, above.split(".")) if above else expected)[part] = block
    assert found == expected
    params.load(path)


def sections_of(node, above=""):
    """Every mapping of a YAML text, and where it stands."""
    if isinstance(node, yaml.MappingNode):
        yield node, above
        for name, value in node.value:
            yield from sections_of(value, f"{above}.{name.value}")


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
    found, expected = yaml.safe_load(path.read_text()), yaml.safe_load(defaults)
    for keys, value in use_preset.settings(name).items():
        block = expected
        for key in keys[:-1]:
            block = block[key]
        block[keys[-1]] = value
    for section, part, followed in FOLLOWING:
        expected[section][part] = expected[followed]
    assert found == expected
    use_preset.use("default", path)
    assert path.read_text() == defaults


def test_some_parts_are_those_of_another_section():
    content = yaml.safe_load(TEXT)
    for section, part, followed in FOLLOWING:
        assert content[section][part] == content[followed]


def test_default_holds_what_the_other_presets_change_the_source_and_nothing_else():
    changed = {keys for name in PRESETS for keys in use_preset._set_by(PRESETS[name]) if name != "default"}
    source = {("source", key) for key in ("prefix", "graders", "grades", "layout", "pattern")}
    assert set(use_preset._set_by(PRESETS["default"])) == changed | source


@pytest.mark.parametrize("name", [settings_docs.SCHEMA, settings_docs.PAGE])
def test_the_documentation_is_that_of_the_models(name, defaults):
    expected = settings_docs.texts(params.Params, yaml.safe_load(defaults))[name]
    assert (ROOT / "docs" / name).read_text() == expected, "run: python -m radsieve.params --write docs"


def test_guides_give_the_sizes_of_the_default_run(defaults):
    content = yaml.safe_load(defaults)
    gan, images, rows = (
        content["train_gan"],
        content["generate_samples"]["images"],
        content["prepare_latents"]["twin_rows"],
    )
    generation, prefilter = ((ROOT / f"docs/{name}.md").read_text() for name in ("generation", "prefilter"))
    assert f"{gan['pixels']} pixels, width {gan['width']}, {gan['steps']} steps, {images} images of each" in generation
    assert f"After the {gan['steps']} steps of the default" in generation
    assert f"the default run has one group of {rows:,})" in prefilter


def test_editors_accept_the_file_as_it_is(defaults):
    """Blocks that are taken over, `none` and null included."""
    schema = json.loads((ROOT / "docs" / settings_docs.SCHEMA).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    content = yaml.safe_load(defaults)
    jsonschema.Draft202012Validator(schema).validate(content)
    content["source"]["endpoint"] = None
    jsonschema.Draft202012Validator(schema).validate(content)
    content["source"]["endpoint"] = "nothing"
    assert not jsonschema.Draft202012Validator(schema).is_valid(content)
    assert TEXT.startswith(f"# yaml-language-server: $schema=docs/{settings_docs.SCHEMA}\n")


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "default"])
def test_a_preset_holds_only_what_it_changes(name):
    over = yaml.safe_load(PRESETS[name]).get(use_preset.OVER, "default")
    below = use_preset.settings(over)
    assert [keys for keys, one in use_preset._set_by(PRESETS[name]).items() if one.value == below[keys]] == []


def test_default_is_what_params_yaml_comes_with(defaults):
    """Without a preset in use, that is; else what it changed comes back as the default holds it."""
    content = yaml.safe_load(defaults)
    for keys, value in use_preset.settings("default").items():
        assert yaml_text.at(content, keys) == value


def test_a_preset_builds_on_the_one_it_names():
    label, groups = ("alter_images", "label"), ("generation", "groups")
    laid, below = use_preset.settings("chest-loop"), use_preset.settings("chest")
    assert laid[label] == below[label] != use_preset.settings("default")[label]
    assert laid[groups] != below[groups]
