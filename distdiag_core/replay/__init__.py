"""Replays: a recording opened in the same console as a running cluster, and seen again tick by tick.

In: the recording of a run, also one that is still being written, and a model.
Out: a `Snapshot` a tick, as of a running core, with the diagnosis by that model; injections, workloads, nodes, events
and incidents as they were recorded.

`replay` is the core with its operations, of which all that would change a cluster are refused;
`recorded_run` is the recording as a series of ticks, `recorded_states` what was known at a time, `recorded_load` what
clients measured, `recorded_marks` where anomalies lie on a line of time, `diagnosis_track` the diagnosis of any tick,
`bookmarks` the ticks at which something happened.

May import `runtime` and every room below it; neither campaign, lab, command line nor console.
"""
