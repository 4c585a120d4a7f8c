"""A bucket of Google's cloud, or a container of Azure's, as a source of images, through obstore.

Credentials are those of the environment, by the names that obstore knows. ETags of these clouds need not say anything
of the content, which over https cannot be changed on its way.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, InvalidPathError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore

from radsieve.errors import InputError
from radsieve.storage.bounded_answers import checked_listing, ending
from radsieve.storage.keys import escaped
from radsieve.storage.objects import WITHHELD, Content, StoredObject, WithheldError, check_prefix
from radsieve.storage.s3 import PUBLIC, REQUESTER_PAYS, Connection, client_options, retry_options
from radsieve.storage.s3_errors import Place

GOOGLE, AZURE = "gs://", "az://"
_KEYS = {
    GOOGLE: "set GOOGLE_APPLICATION_CREDENTIALS",
    AZURE: "set AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN or another credential of Azure",
}
_DENIED = re.compile(r"status(?: code)?:? 40[13]|<Code>AccessDenied<")  # of a listing
_OF_KEYS = re.compile(r"<Code>(AuthenticationFailed|AccountIsDisabled|SignatureDoesNotMatch)<")  # not of an object
# the services' own hosts, of which none leads to another: obstore follows redirects, and takes a token along
_TRUSTED = re.compile(r"(.+\.)?googleapis\.com|.+\.blob\.core\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)")
# how obstore names a key with a folder that is empty, `.` or `..`, or with a control character
_ODD = re.compile('Path "(.+?)"(?: contained|: Encountered)', re.DOTALL)
_OTHER_WAY = {
    GOOGLE: "read the bucket as one of S3, whose client takes any key, with source.endpoint: https://storage.googleapis.com",
    AZURE: "name a prefix beside it",
}


def address(kind: str) -> str:
    """Return the URL of the service GOOGLE or AZURE. Raises InputError if the account at Azure is not named, or the
    environment gives a URL without a host, or with a key or token in it, which errors would show."""
    account = os.environ.get("AZURE_STORAGE_ACCOUNT_NAME", "")
    if kind == AZURE and not account:
        raise InputError("az://: set AZURE_STORAGE_ACCOUNT_NAME in the environment or in .env")
    name, usual = {
        GOOGLE: ("GOOGLE_BASE_URL", "https://storage.googleapis.com"),
        AZURE: ("AZURE_STORAGE_ENDPOINT", f"https://{account}.blob.core.windows.net"),
    }[kind]
    found = os.environ.get(name) or usual
    if any(sign in found for sign in "@?#"):
        raise InputError(f"{name}: name the service alone, and give keys and tokens in variables of their own")
    if not urlsplit(found).hostname:
        raise InputError(f"{name} = {found}: names no host; give a URL like {usual}")
    return found


class CloudSource:
    """The objects of `bucket`, of the service `kind` (GOOGLE or AZURE), whose keys begin with `prefix`; the endpoint
    of `connection` is its `address`. Raises InputError."""

    gives_digests = False

    def __init__(self, kind: str, connection: Connection, bucket: str, prefix: str) -> None:
        check_prefix(prefix, connection.terms.prefix)
        self.identity = f"{connection.endpoint.rstrip('/')}/{bucket}"
        self._prefix, access = prefix, connection.terms.access
        otherwise = f" in the environment or in .env, or {access} to public, if everybody may read it"
        terms = replace(connection.terms, keys=_KEYS[kind] + otherwise, endpoint="check the network")
        self._place = Place(connection.endpoint, bucket, terms)
        if connection.access == REQUESTER_PAYS:
            raise self._place.error(f"{kind} has no requester_pays", f"set {access} to keys or public")
        if connection.access != PUBLIC and not (connection.is_loopback or _is_trusted(connection.endpoint)):
            what = "credentials go to hosts of Google or Azure alone, by https"
            raise self._place.error(what, f"set {access} to public, or read through an S3 interface")
        self._kind, self._bucket, self._connection = kind, bucket, connection
        self._store = self._opened()

    def _opened(self) -> GCSStore | AzureStore:
        endpoint = self._connection.endpoint
        options: Any = {
            "skip_signature": self._connection.access == PUBLIC,
            "client_options": client_options(self._connection),
            "retry_config": retry_options(self._connection),
        }
        try:
            if self._kind == GOOGLE:
                return GCSStore(self._bucket, base_url=endpoint, **options)
            return AzureStore(self._bucket, endpoint=endpoint, **options)
        except BaseError:  # its words may quote a key
            raise self._place.error("its credentials cannot be used", self._place.terms.keys) from None

    def list(self) -> Iterator[StoredObject]:
        """See `radsieve.storage.objects.Source`.

        Raises InputError also for a key of which obstore makes no path, since it ends the listing there.
        """
        return checked_listing(self._listed(), self._prefix, self._wrong)

    def _listed(self) -> Iterator[StoredObject]:
        try:
            listed = (
                StoredObject(found["path"], found["size"], _quoted(found["e_tag"] or ""))
                for part in obstore.list(self._store, prefix=self._prefix or None)
                for found in part
            )
            yield from _with_markers(ending(listed, self._wrong), self._prefix)  # which holds empty ones back
        except (BaseError, OSError) as error:
            raise self._explain(error) from None

    def _wrong(self, what: str) -> InputError:
        return self._place.error(f"the listing contradicts itself: {what}", "check the endpoint and the network")

    def read(self, stored: StoredObject) -> Content:
        """See `radsieve.storage.objects.Source`."""
        try:
            answer = obstore.get(self._store, stored.key, options={"if_match": stored.etag})
            if (_quoted(answer.meta["e_tag"] or ""), answer.meta["size"]) != (stored.etag, stored.byte_size):
                raise self._place.error("the object was changed between listing and reading", "run again", stored.key)
            content = Content.of(bytes(answer.bytes()))
        except (BaseError, OSError) as error:
            raise self._explain(error, stored.key) from None
        if len(content.data) != stored.byte_size:
            what = f"{len(content.data)} of {stored.byte_size} bytes arrived"
            raise self._place.error(what, "run again", stored.key)
        return content

    def _explain(self, error: Exception, key: str = "") -> InputError:
        text = str(error)
        if isinstance(error, InvalidPathError) and not key:
            named = _ODD.search(text)
            what = f"obstore, its client, takes no key {escaped(named[1]) if named else 'such as one in it'}"
            return self._place.error(what, f"rename or remove that object, or {_OTHER_WAY[self._kind]}")
        if "Error performing token request" in text:  # of a service of tokens, or of the machine in the cloud
            return self._place.error("there are no credentials, or they give no token", self._place.terms.keys, key)
        if isinstance(error, PermissionDeniedError | UnauthenticatedError) or _DENIED.search(text):
            found = self._place.error("access denied", self._place.terms.keys, key)
            of_one = key and isinstance(error, PermissionDeniedError) and not _OF_KEYS.search(text)
            return WithheldError(str(found), WITHHELD, "access denied") if of_one else found
        if isinstance(error, FileNotFoundError) and not key:
            return self._place.error("there is no such bucket", f"check {self._place.terms.bucket}")
        return self._place.explain(error, key)


def _with_markers(objects: Iterable[StoredObject], prefix: str) -> Iterator[StoredObject]:
    """Yield the objects of a listing; an empty one with the name of a folder, as consoles and Azure make them, ends in
    the stroke that obstore leaves out."""
    folders, empty, full = {prefix.removesuffix("/")}, {}, set()
    for stored in objects:
        folder = stored.key.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
        if stored.byte_size:
            full.add(stored.key)
            yield stored
        else:
            empty[stored.key] = stored
    for key, stored in empty.items():
        yield replace(stored, key=f"{key}/") if key in folders or key in full else stored


def _quoted(etag: str) -> str:
    """An ETag with its quotes, which Azure leaves out in listings, and not with an object."""
    return etag if not etag or etag.endswith('"') else f'"{etag}"'


def _is_trusted(endpoint: str) -> bool:
    parts = urlsplit(endpoint)
    return parts.scheme == "https" and _TRUSTED.fullmatch(parts.hostname or "") is not None
