"""Credentials from the environment, from `.env` and from the profiles of AWS, in this order."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import boto3
from botocore.exceptions import ProfileNotFound
from botocore.session import get_session
from botocore.utils import parse_timestamp

from radsieve.errors import InputError
from radsieve.text_files import read_variables

_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")

_NO_PROFILE: dict[str, tuple[Any, ...]] = {
    "profile": (None, [], None, None)
}  # where botocore looks for the name of a profile: nowhere


def load_environment(path: Path) -> None:
    """Add the variables of the file `path`, if there is one, to the environment, which they never override.

    Credentials belong together: if the environment has any of them, those of the file are left out. Raises InputError
    as `radsieve.text_files.read_variables` does.
    """
    given = any(os.environ.get(name) for name in _CREDENTIALS)
    for name, value in read_variables(path).items():
        if not (given and name in _CREDENTIALS):
            os.environ.setdefault(name, value)


def session(access_key: str = "", secret_key: str = "") -> boto3.Session:
    """Return a boto3 session that finds credentials by itself, or knows the given keys only.

    Its clients parse times in responses the fast way, which halves the time of listings. Raises InputError if
    AWS_PROFILE names none that exists.
    """
    core = get_session(_NO_PROFILE if access_key else None)
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time)
    if access_key:
        core.set_credentials(access_key, secret_key)
    try:
        return boto3.Session(botocore_session=core)
    except ProfileNotFound as error:
        raise InputError(f"AWS_PROFILE: {error}; name one of ~/.aws/config, or unset it and give keys") from None


def _time(value: Any) -> datetime:
    """Parses a time as boto3 does, but 50 times faster for the form that S3 uses."""
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return cast(datetime, parse_timestamp(value))
