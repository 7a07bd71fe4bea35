"""Control: what an operator requests of the workloads of a cluster, and sees of them.

In: requests, from the command line, the console or a campaign. Out: statuses, figures by node, the metrics source,
past runs and their comparison, and named load profiles.

`WorkloadControl` prepares, starts, stops, checks and cleans up on all nodes of a request; runs and preparations are
files, so that every console of the user sees and ends them. May import `benchmarks` only through the registry, and
`clients`; is imported by operations, and by front ends for profiles and comparisons.
"""
