"""A console as its screens, operations and handlers see it: protocols alone, which the rooms above implement.

In: an `Operation`, which says what is to be done and what becomes of the result.
Out: the newest tick as a `ViewState`, and what can be done with the cluster.

- `operation`: a task that takes a while. Whoever starts one makes it of this.
- `console`: the console of one cluster: what is known, done and shown there. Implemented by `cluster_console`.
- `background_tasks`: training, experiment, questions to obdiag and metrics for Prometheus, behind all screens.
- `shell`: what the consoles of all clusters share: settings, keys, terminal. Implemented by `app`.
- `cluster_switch`: which clusters are open, and which is seen. Implemented by `clusters`.

May import `actions`, `views` and value types of the core, for types alone; none of the rooms that implement it.
"""
