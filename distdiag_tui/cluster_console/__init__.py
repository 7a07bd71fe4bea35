"""The console of one open cluster, which goes on while another cluster is on the screen.

In: the ticks of its core, and of that of its past while the operator looks back.
Out: an implementation of `console.console.Console`.

- `watched_cluster`: what is known of it: the newest tick of its core, or of its past.
- `cluster_console`: what becomes of a tick and of an end of the core, and the gate of actions.
- `notices`: what is reported about it: own events, alarms that nobody has seen, a line while it is not on the screen.
- `cluster_screens`: its stack of screens, which are painted only while they are seen.

May import `handlers`, `screens`, `operations` and all below; `clusters` imports it.
"""
