"""The benchmarks that ship: a module or a package each, which registers itself when it is imported.

In: a request, and the databases to load. Out: an implementation of `workloads.benchmark.Benchmark`.

A new benchmark is one new module here, named as it is on the command line, or a package `NAME` with a module
`NAME_benchmark`; it calls `BENCHMARKS.register`. It may import cluster, settings and the modules of `workloads`
itself; nothing imports it by name.
"""
