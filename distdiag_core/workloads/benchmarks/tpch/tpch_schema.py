"""The eight tables (clause 1.4.1) with their primary keys (clause 1.4.2).

Foreign keys are neither declared nor indexed, as clauses 1.4.2.3 and 1.5.7 allow. The generated data is consistent, and
indexes double the loading time without making the 22 queries faster on OceanBase, which uses hash joins.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_PREFIX = "tpch_sf"


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        columns: name and type, in the order of the data files; OceanBase and DuckDB both know the types.
    """

    name: str
    columns: tuple[str, ...]
    primary_key: tuple[str, ...]

    def create(self, database: str) -> str:
        """The statement that creates the table in OceanBase unless it exists."""
        key = f"PRIMARY KEY ({', '.join(self.primary_key)})"
        return f"CREATE TABLE IF NOT EXISTS {database}.{self.name} ({', '.join((*self._columns(), key))})"

    def create_reference(self) -> str:
        """The statement that creates the table in DuckDB."""
        return f"CREATE TABLE {self.name} ({', '.join(self._columns())})"

    def _columns(self) -> list[str]:
        return [f"{column} NOT NULL" for column in self.columns]


_MONEY = "DECIMAL(15, 2)"

# Referenced tables come before the tables that refer to them.
TABLES = (
    Table(
        "region",
        ("r_regionkey INTEGER", "r_name CHAR(25)", "r_comment VARCHAR(152)"),
        ("r_regionkey",),
    ),
    Table(
        "nation",
        ("n_nationkey INTEGER", "n_name CHAR(25)", "n_regionkey INTEGER", "n_comment VARCHAR(152)"),
        ("n_nationkey",),
    ),
    Table(
        "supplier",
        (
            "s_suppkey INTEGER", "s_name CHAR(25)", "s_address VARCHAR(40)", "s_nationkey INTEGER", "s_phone CHAR(15)",
            f"s_acctbal {_MONEY}", "s_comment VARCHAR(101)",
        ),
        ("s_suppkey",),
    ),
    Table(
        "part",
        (
            "p_partkey INTEGER", "p_name VARCHAR(55)", "p_mfgr CHAR(25)", "p_brand CHAR(10)", "p_type VARCHAR(25)",
            "p_size INTEGER", "p_container CHAR(10)", f"p_retailprice {_MONEY}", "p_comment VARCHAR(23)",
        ),
        ("p_partkey",),
    ),
    Table(
        "partsupp",
        (
            "ps_partkey INTEGER", "ps_suppkey INTEGER", "ps_availqty INTEGER", f"ps_supplycost {_MONEY}",
            "ps_comment VARCHAR(199)",
        ),
        ("ps_partkey", "ps_suppkey"),
    ),
    Table(
        "customer",
        (
            "c_custkey INTEGER", "c_name VARCHAR(25)", "c_address VARCHAR(40)", "c_nationkey INTEGER",
            "c_phone CHAR(15)", f"c_acctbal {_MONEY}", "c_mktsegment CHAR(10)", "c_comment VARCHAR(117)",
        ),
        ("c_custkey",),
    ),
    Table(
        "orders",
        (
            "o_orderkey BIGINT", "o_custkey INTEGER", "o_orderstatus CHAR(1)", f"o_totalprice {_MONEY}",
            "o_orderdate DATE", "o_orderpriority CHAR(15)", "o_clerk CHAR(15)", "o_shippriority INTEGER",
            "o_comment VARCHAR(79)",
        ),
        ("o_orderkey",),
    ),
    Table(
        "lineitem",
        (
            "l_orderkey BIGINT", "l_partkey INTEGER", "l_suppkey INTEGER", "l_linenumber INTEGER",
            f"l_quantity {_MONEY}", f"l_extendedprice {_MONEY}", f"l_discount {_MONEY}", f"l_tax {_MONEY}",
            "l_returnflag CHAR(1)", "l_linestatus CHAR(1)", "l_shipdate DATE", "l_commitdate DATE",
            "l_receiptdate DATE", "l_shipinstruct CHAR(25)", "l_shipmode CHAR(10)", "l_comment VARCHAR(44)",
        ),
        ("l_orderkey", "l_linenumber"),
    ),
)  # fmt: skip


def database_of(scale: Decimal) -> str:
    """Name of the schema for scale factor `scale`; each has a separate one."""
    return f"{_PREFIX}{scale.normalize():f}".replace(".", "_")


def scale_of(database: str) -> Decimal | None:
    """The scale factor that a schema is for; None where it is none of a scale factor."""
    try:
        scale = Decimal(database.removeprefix(_PREFIX).replace("_", "."))
    except InvalidOperation:
        return None
    return scale if scale.is_finite() and scale > 0 and database_of(scale) == database else None
