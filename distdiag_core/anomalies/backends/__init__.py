"""The injection backends that ship: a module or a package each, which registers itself when it is imported.

In: shells on nodes, and a plan. Out: an implementation of `anomalies.backend.Backend`, which begins, lists and ends
injections.

A new backend is one new module here, named as it is in `backend:` of a cluster file, or a package `NAME` with a
module `NAME_backend`; it calls `BACKENDS.register`. It may import cluster, settings and the modules of `anomalies`
itself; nothing imports it by name.
"""
