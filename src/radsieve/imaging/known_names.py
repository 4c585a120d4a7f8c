"""Names that settings give, and which of them a cell of a table means."""

from collections.abc import Iterable

from radsieve.imaging.image_splits import patient_key


class KnownNames:
    """Names of which each is meant however it is written (see `patient_key`), as far as only one can be."""

    def __init__(self, names: Iterable[str]) -> None:
        self._exact = set(names)
        self._alike: dict[str, list[str]] = {}
        for name in self._exact:
            self._alike.setdefault(patient_key(name), []).append(name)

    def meant(self, written: str) -> str | None:
        """The name that is `written`, or None for none or several."""
        alike = self._alike.get(patient_key(written), [])
        return written if written in self._exact else alike[0] if len(alike) == 1 else None
