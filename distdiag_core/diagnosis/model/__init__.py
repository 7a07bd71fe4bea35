"""Models: trained classifiers, what they were trained on, and their directories.

In: rows of features (`features`), or a model directory.
Out: probabilities of each anomaly (`classifier`, `calibration`), the model as a value (`model`), files (`model_files`).

A model directory holds one XGBoost file (UBJSON) per booster and `model.json`; no pickle, so that loading runs no code.

Imports `features`, settings and errors; nothing of training, detection or evaluation. XGBoost is imported when a
booster is loaded.
"""
