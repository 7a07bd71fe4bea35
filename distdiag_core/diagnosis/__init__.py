"""Diagnosis of compound anomalies in a distributed database (Xiang et al., Journal of Software 36(3), 2025).

In: windows of metric values (`metrics.frame`) and, for training and evaluation, labelled cases (`dataset.case`).
Out: ranked root causes at a tick, trained models, evaluations.

Rooms from below: `features` (values to features), `untrained` (anomalies without a model), `model` (classifiers and
their files), `training.backends` (how boosters are trained: in memory, from disk, on Dask), `training` (cases to a
model), `detection` (a model and live windows to root causes; imports nothing of training), `evaluation` (all of them,
on labelled cases).

Pure functions on arrays: no event loop, no cluster, no SQL, no recording; no files but model directories and the
scratch files of external-memory training.
"""
