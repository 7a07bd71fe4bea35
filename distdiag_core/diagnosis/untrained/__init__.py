"""Detection without training: which nodes behave unlike their own past, and which merely carry another load.

In: the window of the last ticks of all nodes, as in `detection`.
Out: an `Observation` for each node and tick (`untrained_detector`): a score from 0 to 1, whether the node is anomalous
and since when, the metrics that say so, and whether a change is one of load.

The past of each metric gives quantiles and exponential tails (`past_statistics`; extreme-value thresholds as in SPOT,
KDD 2017), the newest seconds a surprise in powers of ten (`surprise`; against the median of the past as in BARO, FSE
2024), less what all nodes have in common. The most surprising metrics of a node, few of each of the `families` that
count one event many times, make its score, whose own past sets the threshold (`score_threshold`). `load` finds
throughput, latency and demand among the metrics and tells a change of load from an impaired service; the less the
service suffers, the higher the score that is needed. What is slight counts by its mean over some time (`lasting_mean`).
`node_states` holds what is anomalous over time.

Works on host metrics or SQL metrics alone, on one node or many, as soon as there are ten clean seconds; unknown values
are evidence of nothing. Imports `features` alone; nothing of models, training or the model's `detection`.

`detection.cluster_diagnoser` uses it with and without a model; `tests/bench/bench_untrained.py` prints recall, delay
and false alarms.
"""
