"""Recordings: all that is observed in one run on one cluster, written as it happens and read back later.

In: frames (`metrics.frame.Frame`) and typed events, from the runtime's loop; audit records, from every operation.
Out: one SQLite file a run (`recorder` writes it in a thread of its own, `reader` reads it, also while it is being
written or after a kill), the newest events for the screen (`journal`), and the append-only audit log (`audit_log`).

`backfill` has figures of the past that another program had kept, in a table beside the frames.

`schema` is the layout of the file, `store` its writing end, `backlog` the queue before it, `retention` the rule that
removes old recordings.

May import `cluster` and `metrics`, and nothing above: neither cases nor diagnosis.
"""
