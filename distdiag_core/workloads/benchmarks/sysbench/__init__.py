"""sysbench: its OLTP scripts, on tables that distdiag fills itself.

In: a request with `SysbenchOptions`, and the database of a node. Out: filled tables, the command of sysbench, its
report lines as figures, and its error messages explained. `percentiles.lua` adds the 50th and 99th percentile of each
second. May import cluster and the modules of `workloads`, but no other benchmark, and neither `clients` nor
`control`.
"""
