"""The columns from which the schemas of tables are put together."""

import pandera.pandas as pa

DIGEST = pa.Check.str_matches(r"^[0-9a-f]{64}$", error="must be a SHA-256 in hexadecimal")
PATH = pa.Check.str_length(min_value=1)
SHARE = pa.Check.in_range(0, 1)


def schema(name: str, /, **columns: pa.Column) -> pa.DataFrameSchema:
    """A closed schema: just these columns, in this order."""
    return pa.DataFrameSchema(columns, name=name, strict=True, ordered=True, coerce=True)


def text(*checks: pa.Check, nullable: bool = False) -> pa.Column:
    """A column of text."""
    return pa.Column(str, checks=list(checks), nullable=nullable)


def one_of(*values: str) -> pa.Column:
    """A column of text that is one of `values`, such as the members of an enumeration."""
    return text(pa.Check.isin([str(value) for value in values]))


def count(at_least: int = 0) -> pa.Column:
    """A column of integers."""
    return pa.Column("int64", pa.Check.ge(at_least))


def number(*checks: pa.Check, nullable: bool = False) -> pa.Column:
    """A column of floating-point numbers; an empty cell stands for one that is not defined."""
    return pa.Column("float64", checks=list(checks), nullable=nullable)


_FLAG = pa.Check.isin([0, 1])


def flag() -> pa.Column:
    """A column of 0 and 1."""
    return pa.Column("int64", _FLAG)
