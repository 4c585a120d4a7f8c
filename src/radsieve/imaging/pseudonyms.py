"""Pseudonyms for whom an image shows: the same for the same name and key, and without the key no way back.

A pseudonym is a keyed hash (HMAC-SHA-256, RFC 2104). The key comes from the environment; without one there, it is made
once, which is said, and kept among the user's settings, outside of the project and of its results, readable by the user
alone.
"""

import functools
import hmac
import logging
import os
import secrets
from pathlib import Path

from radsieve.errors import InputError
from radsieve.text_files import NO_VALUE, SPREADSHEET_ERRORS, read_variables

VARIABLE = "RADSIEVE_PSEUDONYM_KEY"
KEY = "pseudonym_key"  # in metrics: `key_digits` of the key from which they hang
SHORTEST = 16  # characters: names of patients are few, and a short key would be found by trying
_DIGITS = 16
_log = logging.getLogger(__name__)
_ERRORS = frozenset(map(str.lower, SPREADSHEET_ERRORS))
_SHORT_DIGITS = 4  # enough to see that the key is another one, too few to try keys against


class Pseudonyms:
    """Makes pseudonyms with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: str, name: str) -> str:
        """Return the pseudonym of a `name`, however it is written (see `patient_key`); empty if it says nothing.

        Names of another `kind`, such as PatientID, have other pseudonyms.
        """
        from radsieve.imaging.image_splits import patient_key  # half a second, which each start of an engine would wait

        written = patient_key(name)
        if written in UNKNOWN:
            return ""
        return hmac.digest(self._key, f"{kind} {written}".encode("utf-8", "surrogatepass"), "sha256").hex()[:_DIGITS]

    @functools.cached_property
    def fingerprint(self) -> str:
        """What differs, nearly always, for another key."""
        return hmac.digest(self._key, b"fingerprint", "sha256").hex()

    @property
    def key_digits(self) -> str:
        """The first digits of the fingerprint, which tables of results may tell."""
        return self.fingerprint[:_SHORT_DIGITS]


# What stands for nobody, as `patient_key` writes it: unlike a value (NO_VALUE), nobody is called none or unknown. Of
# the errors of spreadsheets it has #N/A alone, which functions give for what is not there; the others are mistakes,
# and are said where they stand for a grade.
NOT_GIVEN = (NO_VALUE - _ERRORS) | {"n.a.", "#n/a", "none", "unknown", "?", ".", "-", "--"}
UNKNOWN = frozenset(
    [
        *NOT_GIVEN,
        *_ERRORS,
        "not available",
        "anon",
        "anonymous patient",
        "anonymous",
        "anonymized",
        "anonymised",
        "deidentified",
        "removed",
        "xxx",
        "xxxx",
    ]
)


def key_in_use() -> str:
    """The `key_digits` of `with_own_key`, whether its key is given or kept, or made now; empty if none can be kept.

    Raises InputError for a given key that is too short.
    """
    if key := _given():
        return Pseudonyms(key).key_digits
    try:
        return with_own_key().key_digits
    except InputError:
        return ""  # whoever needs one says so


def has_key() -> bool:
    """Whether `with_own_key` finds a key, given or kept, and would make none."""
    return bool(_given()) or _place().exists()


def with_own_key() -> Pseudonyms:
    """Pseudonyms by the key of the environment or of `.env`, or else by that kept in the user's settings, made if there
    is none. It reads files: ask once for a run.

    Raises InputError for a key that is too short, and if none can be kept.
    """
    return Pseudonyms(_given() or _kept(_place()))


def _given() -> bytes:
    key = os.environ.get(VARIABLE) or read_variables(Path(".env")).get(VARIABLE, "")
    if key and len(key) < SHORTEST:
        raise InputError(f"{VARIABLE}: {len(key)} characters; a key needs {SHORTEST} at least, drawn at random")
    return key.encode("utf-8", "surrogateescape")


def _place() -> Path:
    settings = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(settings).expanduser() / "radsieve" / "pseudonym_key"


def _kept(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
            try:
                os.link(draft, path)  # unless another process was first
                _log.warning(
                    "%s: a key for the pseudonyms of patients was made there; their pseudonyms and their splits follow "
                    "from it, so keep it with the data, and set %s to its text on other machines",
                    path,
                    VARIABLE,
                )
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        key = path.read_text(encoding="ascii").strip()
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: the key of pseudonyms cannot be kept there ({type(error).__name__}); set {VARIABLE} to a random"
            f" text of {SHORTEST} characters or more"
        ) from None
    if len(key) < SHORTEST:
        raise InputError(f"{path}: no key of {SHORTEST} characters or more; restore it, or delete it for a new one")
    return key.encode()
