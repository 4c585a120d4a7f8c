"""The service that these tests read."""

from s3_service import service  # noqa: F401 (a fixture)
