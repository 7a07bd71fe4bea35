"""The tables of TPC-C (clauses 1 and 4): schema, cardinalities, initial rows, loading, and consistency conditions.

In: a scale, the warehouses of a node, and connections to its database. Out: loaded tables, or what they lack or
violate.

Cardinalities and warehouse numbers give chunks of rows, and the population loads them. May import cluster and the
modules of `workloads`, but neither `tpcc.transactions` nor `tpcc.driver`.
"""
