"""Source `prometheus`: figures of all nodes from one Prometheus, for clusters too large for SSH or closed to it.

In: queries by metric, from files of `config/prometheus/` and of the user. Out: figures in the units of our catalogue
and under its names, so that the model reads them like those of the source that they stand for.

prometheus_source    the registration, and the source of one node
cluster_reader       the reader that all nodes share: one query a metric for the whole cluster
query_files          the files of queries
client               requests to the API of Prometheus, and its errors in plain words
prometheus_settings  the section `prometheus` of a cluster file

May import cluster, settings, and of metrics only `metrics.source` and `metrics.catalogue`.
"""
