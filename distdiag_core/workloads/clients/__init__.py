"""Clients: the processes that run a benchmark against one node, on this machine or on a remote load host.

In: a `ClientJob` for one node. Out: run files, the log of the figures of each second, and the run log with the totals
of each run.

A supervisor process per node and benchmark starts the client program, restarts it after failures, and outlives the
console; consoles find it by its run file. A remote load host runs the same code behind `remote_agent`. Benchmarks are
known only through the registry and the `Benchmark` protocol. May import cluster and the modules of `workloads`, but
not `control`.
"""
