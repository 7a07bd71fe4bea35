"""Simulated clusters: made-up figures of any number of nodes, for the design and the benchmarks of screens only.

In: how many nodes, and a seed; the same two give the same figures and anomalies, tick by tick.
Out: a `Snapshot` a tick, marked as simulated; anomalies that come and go, with the diagnosis that they should have.

`request` is the name on the command line, `schedule` says which anomaly is where at which tick, `figures` are the
metrics with their effects, `known_diagnosis` is the diagnosis drawn from the schedule rather than found, `simulation`
the core. Nothing is recorded, and whatever would change a cluster is refused, so that nobody takes it for one.

May import `runtime` and every room below it; neither campaign, lab, replay, command line nor console.
"""
