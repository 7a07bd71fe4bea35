"""A running core: the rooms wired together, and a loop that samples, records and diagnoses once a tick.

In: the settings of a cluster, and a model.
Out: a `Snapshot` a tick for whoever subscribes; operations by room: `injections`, `workloads`, `parameters`, `dataset`,
`models`, `diagnosis`, `recording`.

`operations` has the protocols of these for front ends and campaigns, `snapshot_feed` hands out the snapshots, `thread`
runs a core on a loop of its own, `live_diagnosis` and `live_models` diagnose and exchange the model, `model_monitor`
counts hits on known injections, `shadow_diagnosis` has a second model diagnose the same ticks,
`live_incidents` joins diagnoses to incidents and records them,
and a `webhook` is told of their begins and ends. `core_without_cluster` is the base of a replay
and of a simulation, and `refused_operations` are its operations.

May import every room below it; neither campaign, lab, command line nor console.
"""
