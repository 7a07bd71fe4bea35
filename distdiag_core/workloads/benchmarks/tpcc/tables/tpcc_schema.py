"""The schema: nine tables (clause 1.3) with their keys (clause 1.4), and a marker table that records loaded chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distdiag_core.workloads.owned_schema import OwnedSchema

if TYPE_CHECKING:
    from distdiag_core.cluster.database import Database

SCHEMA = "tpcc"
LOADED = "distdiag_loaded"
# On an overloaded node an index over a full table takes long.
_TIMEOUT_S = 60.0

_ADDRESS = (
    "{0}_street_1 VARCHAR(20), {0}_street_2 VARCHAR(20), {0}_city VARCHAR(20), {0}_state CHAR(2), {0}_zip CHAR(9)"
)
_DISTRICT_INFO = ", ".join(f"s_dist_{number:02d} CHAR(24) NOT NULL" for number in range(1, 11))

# Without foreign keys, which clause 1.4.5 makes optional: the engine would check them for each row.
TABLES = {
    LOADED: """
        warehouse INT NOT NULL, part VARCHAR(32) NOT NULL, node VARCHAR(255) NOT NULL, percent INT NOT NULL,
        PRIMARY KEY (warehouse, part)""",
    "warehouse": f"""
        w_id INT NOT NULL, w_name VARCHAR(10), {_ADDRESS.format("w")},
        w_tax DECIMAL(4,4) NOT NULL, w_ytd DECIMAL(12,2) NOT NULL,
        PRIMARY KEY (w_id)""",
    "district": f"""
        d_w_id INT NOT NULL, d_id INT NOT NULL, d_name VARCHAR(10), {_ADDRESS.format("d")},
        d_tax DECIMAL(4,4) NOT NULL, d_ytd DECIMAL(12,2) NOT NULL, d_next_o_id INT NOT NULL,
        PRIMARY KEY (d_w_id, d_id)""",
    "customer": f"""
        c_w_id INT NOT NULL, c_d_id INT NOT NULL, c_id INT NOT NULL,
        c_first VARCHAR(16), c_middle CHAR(2), c_last VARCHAR(16), {_ADDRESS.format("c")},
        c_phone CHAR(16), c_since DATETIME, c_credit CHAR(2), c_credit_lim DECIMAL(12,2), c_discount DECIMAL(4,4),
        c_balance DECIMAL(12,2) NOT NULL, c_ytd_payment DECIMAL(12,2) NOT NULL, c_payment_cnt INT NOT NULL,
        c_delivery_cnt INT NOT NULL, c_data VARCHAR(500),
        PRIMARY KEY (c_w_id, c_d_id, c_id), KEY customer_by_name (c_w_id, c_d_id, c_last, c_first)""",
    "history": """
        h_c_id INT, h_c_d_id INT, h_c_w_id INT, h_d_id INT, h_w_id INT,
        h_date DATETIME, h_amount DECIMAL(6,2), h_data VARCHAR(24)""",
    "new_order": """
        no_w_id INT NOT NULL, no_d_id INT NOT NULL, no_o_id INT NOT NULL,
        PRIMARY KEY (no_w_id, no_d_id, no_o_id)""",
    "orders": """
        o_w_id INT NOT NULL, o_d_id INT NOT NULL, o_id INT NOT NULL, o_c_id INT NOT NULL,
        o_entry_d DATETIME NOT NULL, o_carrier_id INT, o_ol_cnt INT NOT NULL, o_all_local INT NOT NULL,
        PRIMARY KEY (o_w_id, o_d_id, o_id), KEY orders_by_customer (o_w_id, o_d_id, o_c_id, o_id)""",
    "order_line": """
        ol_w_id INT NOT NULL, ol_d_id INT NOT NULL, ol_o_id INT NOT NULL, ol_number INT NOT NULL,
        ol_i_id INT NOT NULL, ol_supply_w_id INT NOT NULL, ol_delivery_d DATETIME, ol_quantity INT NOT NULL,
        ol_amount DECIMAL(6,2) NOT NULL, ol_dist_info CHAR(24) NOT NULL,
        PRIMARY KEY (ol_w_id, ol_d_id, ol_o_id, ol_number)""",
    "item": """
        i_id INT NOT NULL, i_im_id INT NOT NULL, i_name VARCHAR(24) NOT NULL, i_price DECIMAL(5,2) NOT NULL,
        i_data VARCHAR(50) NOT NULL,
        PRIMARY KEY (i_id)""",
    "stock": f"""
        s_w_id INT NOT NULL, s_i_id INT NOT NULL, s_quantity INT NOT NULL, {_DISTRICT_INFO},
        s_ytd INT NOT NULL, s_order_cnt INT NOT NULL, s_remote_cnt INT NOT NULL, s_data VARCHAR(50) NOT NULL,
        PRIMARY KEY (s_w_id, s_i_id)""",
}


async def create(database: Database) -> None:
    """Create the tables that do not exist.

    Raises:
        DataError: the schema has tables of another program.
    """
    await _schema(database).create()
    for table, columns in TABLES.items():
        await database.query(f"CREATE TABLE IF NOT EXISTS {SCHEMA}.{table} ({columns})", timeout_s=_TIMEOUT_S)


async def drop(database: Database) -> None:
    """Drop the tables, and the schema when no other table is in it."""
    await _schema(database).drop()


def _schema(database: Database) -> OwnedSchema:
    return OwnedSchema(database, SCHEMA, marker=LOADED, tables=TABLES.keys() - {LOADED}, timeout_s=_TIMEOUT_S)
