"""The sources of metrics that ship: a module or a package each, which registers itself when it is imported.

In: a node's shell and database. Out: `Reading`s, by the source's own keys.

A new source is one new module here, named as the source is in `sources:` of a cluster file. It may import cluster,
settings, and `metrics.source` with what lies below that; nothing imports it by name.
"""
