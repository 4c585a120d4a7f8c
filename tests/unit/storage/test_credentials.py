import os

import pytest

from radsieve.errors import InputError
from radsieve.storage.credentials import load_environment, session

NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "RADSIEVE_CACHE")


@pytest.fixture
def file(tmp_path, monkeypatch):
    for name in NAMES:
        monkeypatch.setenv(name, "")  # so that what the file sets is taken back afterwards
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    path = tmp_path / ".env"
    path.write_text("AWS_ACCESS_KEY_ID=file\nAWS_SECRET_ACCESS_KEY=of\nAWS_SESSION_TOKEN=it\nRADSIEVE_CACHE=here\n")
    return path


def keys():
    found = session().get_credentials()
    return (found.access_key, found.secret_key, found.token)


def test_the_file_is_read(file):
    load_environment(file)
    assert keys() == ("file", "of", "it")
    assert os.environ["RADSIEVE_CACHE"] == "here"


def test_the_environment_comes_first_and_keys_are_not_mixed(file, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "environment")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    load_environment(file)
    assert keys() == ("environment", "secret", None)
    assert os.environ["RADSIEVE_CACHE"] == "here"


def test_a_profile_of_the_environment_comes_before_keys_of_the_file(file, monkeypatch):
    (file.parent / "credentials").write_text("[mine]\naws_access_key_id=profile\naws_secret_access_key=secret\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file.parent / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    load_environment(file)
    assert keys() == ("profile", "secret", None)


@pytest.mark.parametrize(
    ("given", "written", "found"),
    [
        ({"SAS_TOKEN": "t"}, {"ACCOUNT_NAME": "mine"}, {"SAS_TOKEN": "t", "ACCOUNT_NAME": "mine"}),
        ({"SAS_TOKEN": "t"}, {"ACCOUNT_NAME": "other", "ACCOUNT_KEY": "k"}, {"SAS_TOKEN": "t"}),
        (
            {"ACCOUNT_NAME": "mine"},
            {"ACCOUNT_NAME": "other", "SAS_TOKEN": "t"},
            {"ACCOUNT_NAME": "mine", "SAS_TOKEN": "t"},
        ),
        ({"CLIENT_ID": "i"}, {"CLIENT_SECRET": "s", "ACCOUNT_NAME": "other"}, {"CLIENT_ID": "i"}),
    ],
)
def test_credentials_of_azure_are_not_mixed(tmp_path, monkeypatch, given, written, found):
    for name in list(os.environ):
        if name.startswith("AZURE_"):
            monkeypatch.delenv(name)
    for name in ("ACCOUNT_NAME", "ACCOUNT_KEY", "SAS_TOKEN", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"AZURE_STORAGE_{name}", "")
        monkeypatch.delenv(f"AZURE_STORAGE_{name}")
    for name, value in given.items():
        monkeypatch.setenv(f"AZURE_STORAGE_{name}", value)
    (tmp_path / ".env").write_text("".join(f"AZURE_STORAGE_{name}={value}\n" for name, value in written.items()))
    load_environment(tmp_path / ".env")
    assert {name: value for name, value in os.environ.items() if name.startswith("AZURE_")} == {
        f"AZURE_STORAGE_{name}": value for name, value in found.items()
    }


def test_no_file_is_no_fault(file):
    load_environment(file.with_name("none"))
    assert session().get_credentials() is None or keys()[0] != "file"


def test_a_profile_that_does_not_exist(file, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(InputError, match="nobody"):
        session()


def test_given_keys_need_neither_environment_nor_profile(file, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "environment")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    found = session("given", "keys").get_credentials()
    assert (found.access_key, found.secret_key, found.token) == ("given", "keys", None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_file_as_other_systems_write_it(file, encoding):
    file.write_text(file.read_text(), encoding=encoding)
    load_environment(file)
    assert keys() == ("file", "of", "it")


def test_a_file_in_another_encoding_says_so(file):
    file.write_bytes("RADSIEVE_CACHE=здесь".encode("cp1251"))
    with pytest.raises(InputError, match=r"\.env: not encoded as UTF-8; save it so"):
        load_environment(file)


def test_a_name_that_no_variable_can_have_is_refused_and_not_shown(file):
    file.write_text("'AWS_SECRET_ACCESS_KEY=0penSesame'=x\n")
    with pytest.raises(InputError, match=r"\.env: the name of a variable holds an equals sign") as caught:
        load_environment(file)
    assert "0penSesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a${NOWHERE}c", "a${NOWHERE}c"),
        ("'a${NOWHERE}c'", "a${NOWHERE}c"),
        ("a${HERE}c", "abc"),
        ("a${ABOVE}${NOWHERE}", "a${ABOVE}${NOWHERE}"),
        ("a${ABOVE}c", "axc"),
        ("a${NOWHERE:-d}c", "adc"),
        ("a$NOWHERE", "a$NOWHERE"),
    ],
)
def test_a_variable_that_is_not_set_is_no_part_of_a_value(file, monkeypatch, caplog, written, found):
    monkeypatch.setenv("HERE", "b")
    monkeypatch.delenv("NOWHERE", raising=False)
    for name in ("ABOVE", "SECRET"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    file.write_text(f"ABOVE=x\nSECRET={written}\n")
    load_environment(file)
    assert os.environ["SECRET"] == found
    assert ("SECRET" in caplog.text) == ("${NOWHERE}" in written)
    assert "NOWHERE" not in caplog.text  # it may be a part of a secret
