"""Features: metric values to the columns that classifiers see.

In: windows of shape (N nodes, M metrics, T ticks), NaN where unknown.
Out: rows of features, one per node: how far each metric has left its baseline, alone and compared with the peers.

A value is put on a log scale (`log_scale`) and summarised in five statistics (`window_statistics`). These are measured
against the median of the clean ticks before the window (`baseline_window`) and against a stored profile (`views`), and
again minus those of the other nodes (`peers`). `feature_spec` names the metrics and puts the steps together.

Imports numpy, `metrics.frame` and `dataset.case` alone; nothing else of `diagnosis`.
"""
