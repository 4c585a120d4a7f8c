"""Tables: how they are read and written, the columns of schemas, and the schemas that tracks share."""

from radsieve.tables.stage_results import write_results
from radsieve.tables.table_files import checked, read, write

__all__ = ["checked", "read", "write", "write_results"]
