"""A bucket as a source of images: listed through boto3, read and filled through obstore with boto3's credentials.

Both clients are needed: obstore reads 3,300 knee images in a quarter of boto3's time, with an eighth of its work, but
its listing leaves out markers of folders and stops at a key with a control character, which belong in quarantine.
"""

import mimetypes
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import boto3
import obstore
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.parsers import ResponseParserError
from obstore.auth.boto3 import Boto3CredentialProvider
from obstore.exceptions import BaseError
from obstore.store import S3Store

from radsieve.errors import InputError
from radsieve.parallel import ordered
from radsieve.progress import track
from radsieve.storage.bounded_answers import (
    PATIENCE,
    BeyondLimitError,
    checked_listing,
    follow_no_redirect,
    limit_answers,
    read_within,
)
from radsieve.storage.etags import is_digest, of_parts
from radsieve.storage.keys import escaped
from radsieve.storage.objects import ARCHIVED, Content, StoredObject, check_prefix, md5_of
from radsieve.storage.s3_errors import Place, Terms

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_MAX_BACKOFF = timedelta(seconds=15)
_READS = 3  # of an object, until one has its ETag or two are equal
_AGAIN = "run again; if that does not help, upload the object again"
_MAX_EMPTY_PAGES = 1000  # in a row: deleted objects may fill some
_ARCHIVES = {"GLACIER", "DEEP_ARCHIVE"}  # classes that have to be restored before they can be read
PUBLIC, REQUESTER_PAYS = "public", "requester_pays"


@dataclass(frozen=True)
class Connection:
    """How to reach a service: endpoint URL, region, parallel requests, retries, seconds per request.

    `access`: with `keys`, `public` without any, or with keys whose owner pays (`requester_pays`). `addressing`: the
    bucket stands in the `path`, or in the host's name (`virtual`). `terms`: what errors call the settings.
    """

    endpoint: str
    region: str
    concurrency: int
    retries: int
    timeout_s: float
    access: str = "keys"
    addressing: str = "path"
    terms: Terms = field(default_factory=Terms)

    def __post_init__(self) -> None:
        """Refuse an endpoint without a host."""
        if not urlsplit(self.endpoint).hostname:
            raise InputError(f"source.endpoint = {self.endpoint}: names no host; give a URL like https://host")

    @property
    def is_loopback(self) -> bool:
        """Whether the service is on this machine, so that no proxy may stand between."""
        return urlsplit(self.endpoint).hostname in ("localhost", "127.0.0.1", "::1")


def client(session: boto3.Session, connection: Connection) -> Any:
    """Return a boto3 client of S3. Raises BotoCoreError or ValueError."""
    config = Config(
        connect_timeout=connection.timeout_s,
        read_timeout=connection.timeout_s,
        retries={"total_max_attempts": connection.retries + 1, "mode": "standard"},
        max_pool_connections=connection.concurrency,
        s3={"addressing_style": connection.addressing},
        signature_version=UNSIGNED if connection.access == PUBLIC else None,
        request_checksum_calculation="when_required",  # services other than AWS's own may not know checksums
        response_checksum_validation="when_required",
        proxies={} if connection.is_loopback else None,
    )
    return session.client("s3", endpoint_url=connection.endpoint, region_name=connection.region, config=config)


def _with_bucket(endpoint: str, bucket: str) -> str:
    """The URL of a service in which the bucket stands in the host's name."""
    parts = urlsplit(endpoint)
    return urlunsplit(parts._replace(netloc=f"{bucket}.{parts.netloc}"))


def client_options(connection: Connection) -> "ClientConfig":
    """Return options of obstore equivalent to boto3's in `client`."""
    limit = timedelta(seconds=connection.timeout_s)
    options: ClientConfig = {
        "allow_http": urlsplit(connection.endpoint).scheme == "http",
        "timeout": limit,
        "connect_timeout": limit,
        "pool_max_idle_per_host": str(connection.concurrency),
    }
    if connection.is_loopback:  # a proxy of our own for all hosts but this one: no proxy of the environment is used
        options["proxy_url"] = connection.endpoint
        options["proxy_excludes"] = str(urlsplit(connection.endpoint).hostname)
    return options


def retry_options(connection: Connection) -> "RetryConfig":
    """Return obstore's options for what is tried again."""
    return {
        "max_retries": connection.retries,
        "backoff": {"init_backoff": timedelta(seconds=0.2), "max_backoff": _MAX_BACKOFF, "base": 2},
        "retry_timeout": (connection.retries + 1) * (timedelta(seconds=connection.timeout_s) + _MAX_BACKOFF),
    }


class S3Source:
    """The objects of `bucket` whose keys begin with `prefix`.

    `identity` names the store in the cache; it is the endpoint and the bucket unless given.
    """

    def __init__(
        self, session: boto3.Session, connection: Connection, bucket: str, prefix: str, identity: str = ""
    ) -> None:
        check_prefix(prefix, connection.terms.prefix)
        self.identity = identity or f"{connection.endpoint.rstrip('/')}/{bucket}"
        self._place = Place(connection.endpoint, bucket, connection.terms)
        self._bucket, self._prefix, self._region = bucket, prefix, connection.region
        self.gives_digests = False
        self._seconds = PATIENCE * connection.timeout_s
        self._private = urlsplit(connection.endpoint).scheme == "https"  # nothing changes what is on its way
        self._payer = {"RequestPayer": "requester"} if connection.access == REQUESTER_PAYS else {}
        try:
            keys = None if connection.access == PUBLIC else session.get_credentials()
            if keys is None and connection.access != PUBLIC:
                raise NoCredentialsError
            given = [part for part in keys.get_frozen_credentials() if part] if keys else []
            if not all(part.isascii() and part.isprintable() for part in given):
                raise self._place.error(
                    "a key or token holds a character that none has, such as a line break", self._place.terms.keys
                )
            self._client = client(session, connection)
            limit_answers(self._client, connection.timeout_s)
            follow_no_redirect(self._client)
        except (BotoCoreError, ValueError) as error:
            raise self._place.explain(error) from None
        # obstore follows a redirect to any host, and takes a session token along; boto3 follows none
        self._with_token = keys is not None and bool(keys.token)
        if authorities := session._session.get_config_variable("ca_bundle"):  # AWS_CA_BUNDLE, or of the profile
            os.environ["SSL_CERT_FILE"] = str(Path(authorities).expanduser())  # the name by which obstore knows it
        virtual = connection.addressing == "virtual"
        self._store = S3Store(
            bucket,
            endpoint=_with_bucket(connection.endpoint, bucket) if virtual else connection.endpoint,
            region=connection.region,
            virtual_hosted_style_request=virtual,
            skip_signature=connection.access == PUBLIC,
            request_payer=connection.access == REQUESTER_PAYS,
            credential_provider=None if connection.access == PUBLIC else Boto3CredentialProvider(session),
            client_options=client_options(connection),
            retry_config=retry_options(connection),
        )

    def fill(self, files: Sequence[tuple[str, Path]], threads: int) -> None:
        """Make the bucket and put `files`, pairs of key and path, into it. Raises InputError naming the key."""

        def put(file: tuple[str, Path]) -> None:
            key, path = file
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            try:
                if key.isprintable():
                    obstore.put(self._store, key, path, attributes={"Content-Type": kind}, use_multipart=False)
                else:  # obstore takes no control characters
                    self._client.put_object(Bucket=self._bucket, Key=key, Body=path.read_bytes(), ContentType=kind)
            except (BaseError, BotoCoreError, ClientError) as error:
                raise self._place.explain(error, key) from None

        try:
            self._client.create_bucket(Bucket=self._bucket)
        except (BotoCoreError, ClientError) as error:
            raise self._place.explain(error) from None
        for _ in track(ordered(put, files, threads), "filling the bucket", total=len(files)):
            pass

    def list(self) -> Iterator[StoredObject]:
        """Return every object below the prefix, page by page.

        Raises InputError if there is no such bucket, service or permission, if it is in another region, and if what
        the service says contradicts itself: a list that breaks off, a key twice, one that was not asked for.
        """
        return checked_listing(self._listed(), self._prefix, self._wrong)

    def _listed(self) -> Iterator[StoredObject]:
        wanted = {"Bucket": self._bucket, "Prefix": self._prefix, **self._payer}
        empty = 0
        try:
            for page in self._client.get_paginator("list_objects_v2").paginate(**wanted):
                self._check_answer(page)
                entries = page.get("Contents", ())
                empty = 0 if entries else empty + 1
                if empty > _MAX_EMPTY_PAGES:
                    raise self._wrong(f"it does not end (after {empty} pages without an object)")
                yield from map(self._entry, entries)
        except BeyondLimitError as error:
            raise self._place.error(f"listing it: {error}", "check the endpoint and the network") from None
        except (BotoCoreError, ClientError, ResponseParserError, TypeError, OSError) as error:
            raise self._place.explain(error) from None
        except ValueError:  # boto3 takes what stands there for numbers and times
            raise self._wrong("a size or a time in it is none") from None

    def _entry(self, entry: dict[str, Any]) -> StoredObject:
        try:
            key, size, etag = entry["Key"], int(entry["Size"]), entry["ETag"]
        except (KeyError, TypeError, ValueError):
            raise self._wrong("it lists an object without key, size or ETag") from None
        if size < 0 or not etag.isprintable():
            raise self._wrong(f"it lists {key!r} with a size or an ETag that cannot be")
        return StoredObject(key, size, etag, ARCHIVED if entry.get("StorageClass") in _ARCHIVES else "")

    def _wrong(self, what: str) -> InputError:
        return self._place.error(f"the listing is not S3's: {what}", self._place.terms.endpoint)

    def read(self, stored: StoredObject) -> Content:
        """Return the content of a listed object.

        An ETag that is an MD5, of the content or of its parts, is compared with the content; what differs is read
        again. Two equal reads are taken where an ETag says nothing of the content, which RFC 9110 leaves to the
        service; if it only looks like an MD5, they are doubtful. Raises InputError naming the object if it has been
        changed or deleted since, or cannot be read after all retries.
        """
        reads: list[str] = []
        for _ in range(_READS):
            content = Content.of(self._get(stored))
            if len(content.data) == stored.byte_size:
                agrees = self._agrees(stored, content)
                if agrees or (agrees is None and content.file_id in reads):
                    etag = stored.etag.strip('"').lower()
                    return replace(content, doubtful=agrees is None and is_digest(etag))
                reads.append(content.file_id)
        what = f"{len(content.data)} of {stored.byte_size} bytes arrived, or not those of its ETag"
        raise self._place.error(what, _AGAIN, stored.key)

    def _get(self, stored: StoredObject) -> bytes:
        try:
            if self._with_token:
                return self._get_with_token(stored)
            answer = obstore.get(self._store, stored.key, options={"if_match": stored.etag})
            self._check_same(stored, answer.meta["e_tag"], int(answer.meta["size"]))
            return bytes(answer.bytes())
        except BeyondLimitError as error:
            raise self._place.error(str(error), _AGAIN, stored.key) from None
        except (BaseError, BotoCoreError, ClientError, OSError) as error:
            raise self._place.explain(error, stored.key) from None

    def _get_with_token(self, stored: StoredObject) -> bytes:
        answer = self._client.get_object(Bucket=self._bucket, Key=stored.key, IfMatch=stored.etag, **self._payer)
        self._check_same(stored, answer.get("ETag"), int(answer.get("ContentLength", 0)))
        return read_within(answer["Body"]._raw_stream, self._seconds, stored.byte_size)

    def _check_same(self, stored: StoredObject, etag: str | None, byte_size: int) -> None:
        """Refuse, before its body is read, an answer that is of another object than was listed."""
        if etag and etag.strip('"') != stored.etag.strip('"'):
            raise self._place.error("the object was changed between listing and reading", "run again", stored.key)
        if byte_size > stored.byte_size:
            what = f"the answer has {byte_size} bytes, and {stored.byte_size} were listed"
            raise self._place.error(what, _AGAIN, stored.key)

    def _agrees(self, stored: StoredObject, content: Content) -> bool | None:
        """Whether the content is that of the ETag; None if the ETag does not tell.

        It does not for an object that is encrypted with a key of one's own, for an upload in parts of unknown lengths,
        and with a service none of whose ETags was an MD5. The first two are taken as they are if nothing could change
        them on their way here.
        """
        etag = stored.etag.strip('"').lower()
        if etag == md5_of(content.file_id):
            self.gives_digests = True
            return True
        if of_parts(etag, content.data):
            return True
        if is_digest(etag) and not self._is_encrypted(stored):
            return False if self.gives_digests else None
        return True if self._private else None

    def _is_encrypted(self, stored: StoredObject) -> bool:
        try:
            head = self._client.head_object(Bucket=self._bucket, Key=stored.key, **self._payer)
        except (BotoCoreError, ClientError) as error:
            raise self._place.explain(error, stored.key) from None
        return str(head.get("ServerSideEncryption", "")).startswith("aws:kms")

    def _check_answer(self, page: dict[str, Any]) -> None:
        """Refuse what is not a listing of S3, and a bucket of another region, which boto3 follows but obstore does
        not."""
        if "Name" not in page and "IsTruncated" not in page:
            raise self._place.error("the answer is not S3's", self._place.terms.endpoint)
        if page.get("IsTruncated") and not page.get("NextContinuationToken"):
            raise self._wrong("it breaks off without saying where it goes on")
        region = page["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", self._region)
        if region != self._region:
            named = escaped(region)
            raise self._place.error(f"the bucket is in region {named}", f"set {self._place.terms.region} to {named}")
