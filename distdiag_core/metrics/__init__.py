"""Metrics: the catalogue, and the sampler that makes a frame of all nodes at every tick.

In: the sources of each node, and the catalogue's entries. Out: a `Frame` a tick, an array of (nodes, metrics) with NaN
for unknown; and `History`, the newest frames as a `Window`.

catalogue         the metrics that are known, from `config/metrics.yaml` and from sources
source            the interface and the registry of sources, which are in `sources/`
backfill_source   the interface of a source of past hours, which no tick has
sampler, poller   one question a tick to each source, and its deadline
rates             counters to rates, ratios and units
connection        the states of the connections by which a node is watched
clock             the time of ticks and of all else that a run dates, which only goes forward
frame, history    the values of one tick and of the newest ticks

May import cluster, settings and what lies below; nothing of `sources/` by name.
"""
