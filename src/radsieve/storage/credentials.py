"""Credentials from the environment, from `.env` and from the profiles of AWS, in this order."""

import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import boto3
from botocore.exceptions import BotoCoreError, ProfileNotFound
from botocore.session import get_session
from botocore.utils import parse_timestamp

from radsieve.errors import InputError
from radsieve.text_files import read_variables

_OF_AZURE = (
    r"AZURE_(STORAGE_)?((ACCOUNT|ACCESS|MASTER)_KEY|SAS_(TOKEN|KEY)|TOKEN|CLIENT_(ID|SECRET)|(TENANT|AUTHORITY)_ID)"
)
# what belongs together, and what goes with it wherever it stands
_CREDENTIALS = (
    (re.compile("AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE)"), ""),
    (re.compile(_OF_AZURE), "AZURE_STORAGE_ACCOUNT_NAME"),
    (re.compile("GOOGLE_(APPLICATION_CREDENTIALS|SERVICE_ACCOUNT(_PATH|_KEY)?)"), ""),
)

_NO_PROFILE: dict[str, tuple[Any, ...]] = {
    "profile": (None, [], None, None)
}  # where botocore looks for the name of a profile: nowhere


def load_environment(path: Path) -> None:
    """Add the variables of the file `path`, if there is one, to the environment, which they never override.

    Credentials of a service belong together: if the environment has any of them, those of the file are left out; so is
    an account that the file names beside credentials of its own. Raises InputError as
    `radsieve.text_files.read_variables` does.
    """
    found, given = read_variables(path), [name for name, value in os.environ.items() if value]
    for credentials, account in _CREDENTIALS:
        own = _matching(credentials, found)
        if own and _matching(credentials, given):
            found = {name: value for name, value in found.items() if name not in (*own, account)}
    for name, value in found.items():
        os.environ.setdefault(name, value)


def _matching(pattern: re.Pattern[str], names: Iterable[str]) -> list[str]:
    return [name for name in names if pattern.fullmatch(name)]


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


def amazons(session: boto3.Session, region: str) -> str:
    """Return the URL of S3 in the `region`, or that which AWS_ENDPOINT_URL or the profile names in its place.

    Raises InputError for what cannot be a region, and for a URL with a key or token in it, which errors would show.
    """
    try:
        found = str(session.client("s3", region_name=region).meta.endpoint_url)
    except (BotoCoreError, ValueError):
        what = f"s3://: {region} is no region, or AWS_ENDPOINT_URL no URL"
        raise InputError(f"{what}; name the bucket's region, and the service as https://host") from None
    if any(sign in found for sign in "@?#"):
        raise InputError("AWS_ENDPOINT_URL: name the service alone, and give keys and tokens in variables of their own")
    return found


def _time(value: Any) -> datetime:
    """Parses a time as boto3 does, but 50 times faster for the form that S3 uses."""
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return cast(datetime, parse_timestamp(value))
