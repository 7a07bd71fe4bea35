"""The console: snapshots of a core on screens, and operations of it by keys.

In: a `core.Core`, which publishes snapshots and carries out operations on a thread of its own.
Out: a full-screen Textual app.

Rooms from below: `drawing` (lines and glyphs), `views` (what is painted, pure), `actions` (the registry of keys),
`console` (a console as the others see it; beside it what is kept, and how the
console looks), `operations`, `widgets`, `screens`, `handlers` (what each action does), `cluster_console` (a cluster
that is open), `clusters` (which are open, and which is seen), `app`.

May import the core's runtime and value types; the core does not import it.
"""
