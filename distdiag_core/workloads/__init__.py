"""Workloads: benchmarks that put load on the nodes of a cluster, as metrics and as conditions of a case.

In: a `WorkloadRequest` (benchmark, nodes, threads, rate, duration, options). Out: `WorkloadStatus` and
`WorkloadFigures` of what runs, metrics of the nodes, and totals of past runs.

The modules of this level are the vocabulary and the tools that all rooms below share: the request, the status, the
load profile, the `Benchmark` protocol with its registry, logs and limits. Above them lie `benchmarks` (the benchmarks
that ship), `clients` (the processes that run a benchmark on a load host) and `control` (the operations on all of
them), each of which may import those before it. The room may import cluster, metrics and settings, but not recording
or anything above it.
"""
