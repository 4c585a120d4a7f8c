"""Turn what S3 clients raise into one sentence that names the place and says what to do.

Bodies of responses are never quoted: only the error code of S3 is taken from them, and neither contains credentials.
"""

import re
from dataclasses import dataclass, field

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from obstore import exceptions as obs

from radsieve.errors import InputError
from radsieve.storage.objects import ARCHIVED, WITHHELD, WithheldError

KEYS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment or in .env, or AWS_PROFILE"
_PUBLIC = "; or set {access} to public, if everybody may read the bucket"
_REGION = "set {region} to the bucket's region"
_LATER = "try again later{slower}"
_ACCESS = "the keys may not list and read it; ask its owner for s3:ListBucket and s3:GetObject, or use other keys"
# what went wrong and what to do, in the names of `Terms`
_BY_CODE = {
    "InvalidAccessKeyId": ("the access key is not known there", "{keys}"),
    "SignatureDoesNotMatch": ("the secret key is not right", "{keys}"),
    "ExpiredToken": ("the session token has expired", "get new credentials"),
    "InvalidToken": ("the session token is not valid", "get new credentials, or give none"),
    "RequestTimeTooSkewed": ("this machine's clock is wrong", "set the clock"),
    "AccessDenied": ("access denied", _ACCESS),
    "AllAccessDisabled": ("access denied", _ACCESS),
    "Unauthorized": ("access denied", _ACCESS),
    "NoSuchBucket": ("there is no such bucket", "check {bucket} and the endpoint"),
    "InvalidBucketName": ("this cannot be the name of a bucket", "check {bucket}"),
    "InvalidObjectState": ("the object is archived", "restore it first, or leave it out"),
    "InvalidRequest": ("the service does not give the object, as one with a key of its own (SSE-C)", "store it anew"),
    "KMS": ("the object's encryption key cannot be used", "ask its owner for kms:Decrypt, or store it anew"),
    "NoSuchKey": ("the object was deleted between listing and reading", "run again"),
    "AuthorizationHeaderMalformed": ("the bucket is in another region", _REGION),
    "PermanentRedirect": ("the bucket is in another region or elsewhere", f"{_REGION}, or check the endpoint"),
    "IllegalLocationConstraintException": ("the bucket is in another region", _REGION),
    "PreconditionFailed": ("the object was changed between listing and reading", "run again"),
    "SlowDown": ("the service is throttling requests", _LATER),
    "ServiceUnavailable": ("the service is not available or is throttling requests", _LATER),
    "InternalError": ("the service failed", f"{_LATER}; or {{endpoint}}"),
}  # fmt: skip
# as the other clouds say it
_ALIASES = dict.fromkeys(("BlobArchived", "BlobBeingRehydrated"), "InvalidObjectState") | dict.fromkeys(
    ("BlobUsesCustomerSpecifiedEncryption", "ResourceIsEncryptedWithCustomerEncryptionKey"), "InvalidRequest"
)
_OF_OBJECTS = ("InvalidRequest", "KMS")  # said of a listing, these mean something else
# said of an object, these are faults of it alone
_OF_ONE = {"InvalidObjectState": ARCHIVED} | dict.fromkeys((*_OF_OBJECTS, "AccessDenied"), WITHHELD)
_BY_STATUS = {
    301: "PermanentRedirect",
    307: "PermanentRedirect",
    401: "Unauthorized",
    403: "AccessDenied",
    412: "PreconditionFailed",
    429: "SlowDown",
    500: "InternalError",
    502: "InternalError",
    503: "ServiceUnavailable",
    504: "ServiceUnavailable",
}
_BY_KIND: tuple[tuple[type[Exception], str], ...] = (
    (FileNotFoundError, "NoSuchKey"),
    (obs.PreconditionError, "PreconditionFailed"),
    (obs.PermissionDeniedError, "AccessDenied"),
    (obs.UnauthenticatedError, "Unauthorized"),
)

_REFUSED = set(range(400, 500)) - {401, 404, 407, 408, 409, 421, 425, 426, 429}  # for what it is, not for now

_CODE = re.compile(r"[A-Za-z0-9_.]{1,100}")  # of an error; what else stands in its place is not quoted


@dataclass(frozen=True)
class Terms:
    """What errors tell the user to change, by its names in params.yaml unless others are given: parameters, and advice
    on `keys`, on the `endpoint`, and on a service that is `slower` than it should be."""

    bucket: str = "source.bucket"
    prefix: str = "source.prefix"
    region: str = "ingest_images.region"
    access: str = "ingest_images.access"
    keys: str = KEYS
    endpoint: str = "check source.endpoint: is this an S3 service?"
    slower: str = ", or lower ingest_images.concurrency or raise ingest_images.retries or ingest_images.timeout_s"


@dataclass(frozen=True)
class Place:
    """Where something went wrong."""

    endpoint: str
    bucket: str
    terms: Terms = field(default_factory=Terms)

    def error(self, what: str, advice: str, key: str = "") -> InputError:
        """Return the InputError that says `what` went wrong here, and the `advice`."""
        of = f"object {key!r} of " if key else ""
        return InputError(f"{of}bucket '{self.bucket}' at {self.endpoint}: {what}; {advice}")

    def explain(self, error: Exception, key: str = "") -> InputError:
        """Return the InputError for what boto3 or obstore raised while it worked on this bucket or on its `key`."""
        if isinstance(error, boto.ClientError):
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            code = error.response.get("Error", {}).get("Code")  # None, or a dict, as the body has it
            return self._answered(code if isinstance(code, str) and _CODE.fullmatch(code) else "", status, key)
        if isinstance(error, obs.BaseError | FileNotFoundError):
            return self._read_failed(error, key)
        return self._not_reached(error, key)

    def _answered(self, code: str, status: int, key: str) -> InputError:
        """The service answered with an error."""
        code = "KMS" if code.startswith("KMS.") else _ALIASES.get(code, code)
        known = code if code in _BY_CODE and (key or code not in _OF_OBJECTS) else _BY_STATUS.get(status, "")
        if not known:
            what = f"the service answered {code or status}"
            said = self.error(what, self.terms.endpoint, key)
            return WithheldError(str(said), WITHHELD, what) if key and status in _REFUSED else said
        what, advice = map(self._in_terms, _BY_CODE[known])
        said = self.error(what, advice, key)
        return WithheldError(str(said), _OF_ONE[known], f"{what}; {advice}") if key and known in _OF_ONE else said

    def _in_terms(self, text: str) -> str:
        return text.format(**vars(self.terms))

    def _read_failed(self, error: Exception, key: str) -> InputError:
        """A read through obstore failed; its message carries status and body, of which the code is taken."""
        text = str(error)
        code = re.search(rf"<Code>({_CODE.pattern})</Code>", text)
        status = re.search(r"status(?: code)?:? (\d{3})", text)
        for kind, usual in _BY_KIND:
            if isinstance(error, kind):
                return self._answered(code.group(1) if code else usual, 0, key)
        if "configured region" in text:  # a redirect without a target
            return self._answered("PermanentRedirect", 0, key)
        if code or status:
            return self._answered(code.group(1) if code else "", int(status.group(1)) if status else 0, key)
        timed_out = "timed out" in text or "TimedOut" in text
        what = "no answer in time" if timed_out else "the connection failed or broke off"
        return self.error(f"{what}, after all retries", self._in_terms(f"check the network and {_LATER}"), key)

    def _not_reached(self, error: Exception, key: str) -> InputError:
        """boto3 could not send the request, or did not understand the response."""
        match error:
            case boto.NoCredentialsError() | boto.PartialCredentialsError():
                return self.error("no credentials were found", self._in_terms("{keys}" + _PUBLIC), key)
            case boto.SSLError():
                return self.error("its certificate is not trusted", "check the endpoint, or set AWS_CA_BUNDLE", key)
            case boto.ConnectTimeoutError() | boto.ReadTimeoutError():
                return self.error("no answer in time", "check the endpoint and the network", key)
            case boto.ResponseStreamingError():
                return self.error("its answer broke off", "check the network and run again", key)
            case boto.ConnectionError() | boto.HTTPClientError():
                return self.error("there is nothing to connect to", "check the endpoint and the network", key)
            case OSError():
                return self.error("its answer broke off", "check the network and run again", key)
            case ResponseParserError() | TypeError():  # botocore takes a code with tags in it for a dict
                return self.error("the answer is not S3's", self.terms.endpoint, key)
            case boto.ParamValidationError():
                return self.error("this cannot be the name of a bucket or key", f"check {self.terms.bucket}", key)
        return self.error(f"boto3 gave up ({type(error).__name__})", "check the credentials and the endpoint", key)
