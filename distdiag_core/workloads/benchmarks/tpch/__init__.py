"""TPC-H, after the TPC Benchmark H specification, revision 3.0.1: the data, the 22 queries and the query streams.

In: a request with `TpchOptions`, and the database of a node. Out: loaded tables, the command of the driver, its
report lines as figures, and the comparison of the answers with those of DuckDB as findings.

tpchgen-cli generates the data files, which are cached; `table_loader` loads them. `tpch_driver` runs streams of
queries with parameters drawn from a seed. May import cluster and the modules of `workloads`, but no other benchmark,
and neither `clients` nor `control`.
"""
