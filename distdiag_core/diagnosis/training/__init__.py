"""Training: labelled cases to a model.

In: cases (`dataset.case`), training options, a training backend (`training.backends`).
Out: a model (`model`), the same to the byte for the same cases, options and backend.

A training selects features (`feature_selection`), cuts the cases into labelled windows (`dataset_windows`,
`window_labels`), adds synthetic compound anomalies (`augmentation`), trains a classifier per anomaly
(`classifier_trainer`) and a second stage that tells look-alikes apart (`look_alike_trainer`), and calibrates on
held-out groups (`folds`, `out_of_fold`, `platt_scaling`, `threshold_selection`). `trainer` runs the steps.

Imports features, model and its backends; nothing of detection or evaluation.
"""
