"""Exporter: the newest snapshot of a core as metrics of Prometheus, by HTTP.

In: whatever has snapshots (`SnapshotFeed.snapshot`). Out: `/metrics` at an address, in the text format of Prometheus.

metric_names       names, units and help texts by the naming guide of Prometheus, from the catalogue of metrics
metric_families    the families of one snapshot: nodes, injections, workloads, diagnosis, incidents
metrics_server     the server, in threads of its own
api_server         snapshots as JSON and as server-sent events, on the loop of their core
access             who may read it: tokens, and the addresses that need one; the console's web server has the same rule
exporter_settings  the section `exporter` of a cluster file

May import `runtime` and every room below it; prometheus_client is an extra, and is imported where it is used.
"""
