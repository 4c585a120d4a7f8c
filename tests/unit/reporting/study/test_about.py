"""What pages say of the data: phantoms describe themselves, people's data as section `about` does, or not at all."""

import defaults
import pytest

from radsieve import settings_file
from radsieve.params import Params
from radsieve.reporting.settings import AboutData
from radsieve.reporting.study import about


def params(**sections):
    content = defaults.content()
    for name, values in sections.items():
        content[name] = content[name] | values
    return settings_file.check(content, Params, defaults.ROOT / "params.yaml")


def set_of(content, name, folder):
    return content["pack_images"] | {name: content["pack_images"][name] | {"images": folder}}


def test_phantoms_leave_nothing_unsaid():
    found = [about.graded(params()), *about.sets(params(), tuple(about.PART_OF_SET))]
    assert [one.title for one in found] == ["Graded images", "Sets chest, breast, sex, abnormality and gan", "Set skin"]
    for one in found:
        assert one.not_stated == ()
        assert len(one.statements) == len(AboutData.model_fields)
        assert "rendered by radsieve" in one.statements[0].text


def test_what_is_said_of_phantoms_has_the_keys_of_the_section():
    for kind, said in about.phantoms().items():
        if not kind.startswith("x-"):
            assert set(said) == set(AboutData.model_fields), kind


def test_data_of_a_user_are_never_described_as_phantoms():
    found = about.graded(params(source={"endpoint": "folder", "bucket": "$HOME/images"}))
    assert found.statements == ()
    assert found.not_stated == tuple(AboutData.model_fields)
    assert found.missing.startswith("Name, DOI or address, licence, sites")
    assert found.key == "about.graded"


def test_sets_of_one_origin_are_described_once_and_others_apart():
    content = defaults.content()
    packs = set_of(content, "abnormality", "$DATA/children")
    part = content["about"] | {"findings": content["about"]["findings"] | {"name": "Children", "doi": "10.1234/a.b"}}
    chests, findings = about.sets(params(pack_images=packs, about=part), ("chest", "abnormality", "gan"))
    assert (chests.title, findings.title) == ("Sets chest and gan", "Set abnormality")
    assert [(one.label, one.text) for one in findings.statements] == [
        ("Name", "Children"),
        ("DOI or address", "10.1234/a.b"),
    ]
    assert findings.statements[1].links == (("10.1234/a.b", "https://doi.org/10.1234/a.b"),)
    assert "licence" in findings.not_stated


def test_the_size_of_a_run_on_phantoms_is_known_and_no_other_one():
    assert "sample_size" not in about.study(params()).not_stated
    packs = set_of(defaults.content(), "skin", "$DATA/skin")
    assert "sample_size" in about.study(params(pack_images=packs)).not_stated
    assert "sample_size" in about.study(params(source={"endpoint": "folder", "bucket": "$HOME/x"})).not_stated


@pytest.mark.parametrize("text", ["see the paper", "10.1/x", "10.1234/a, 10.1234/b", "ftp://host/x"])
def test_a_doi_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="doi"):
        AboutData(**dict.fromkeys(AboutData.model_fields, "") | {"doi": text})


def test_a_table_of_a_user_is_not_simulated_wherever_it_lies():
    content = defaults.content()
    packs = content["pack_tables"] | {"survey": content["pack_tables"]["survey"] | {"table": "data/own.csv"}}
    mixed = params(pack_tables=packs)
    assert about.simulated_tables(mixed) == ["diabetes", "deaths", "games", "findings"]
    said, everything = about.simulated(mixed)
    assert "the tables diabetes, deaths, games and findings" in said and not everything
    assert about.simulated(params())[1]
    assert about.tasks(mixed)[1].title == "Table survey"


def test_a_set_is_simulated_in_part_if_only_its_images_from_outside_are():
    content = defaults.content()
    own = {"images": "/of/mine", "outside_images": "data/cases/chests"}
    sets = content["prepare_images"] | {"pneumonia": content["prepare_images"]["pneumonia"] | own}
    assert "pneumonia" in about.simulated_sets(params(prepare_images=sets))


def test_images_and_texts_of_a_user_are_not_simulated():
    content = defaults.content()
    sets = content["prepare_images"] | {"knee": content["prepare_images"]["knee"] | {"images": "/of/mine"}}
    mixed = params(prepare_images=sets, pack_texts=content["pack_texts"] | {"texts": "/of/mine"})
    assert about.simulated_sets(mixed) == ["pneumonia", "modalities", "chest"]
    assert not about.simulated_texts(mixed)
    assert not about.simulated(mixed)[1]
    assert not about.simulated_texts(params(pack_texts=content["pack_texts"] | {"texts": "data/own"}))
    titles = [one.title for one in about.tasks(mixed)]
    assert titles[1:] == ["Image sets pneumonia, modalities and chest", "Image set knee", "Texts"]
    assert "licence" in about.tasks(mixed)[2].missing
