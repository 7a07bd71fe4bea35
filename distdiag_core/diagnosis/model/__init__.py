"""Models: trained classifiers, what they were trained on, and their directories.

In: rows of features (`features`), or a model directory.
Out: probabilities of each anomaly (`classifiers`, `calibration`), look-alikes told apart (`look_alikes`), the model as
a value (`model`), files (`model_files`, whose index is checked by `model_index`).

A model directory holds one XGBoost file (UBJSON) and `model.json`; no pickle, so that loading runs no code.

Imports `features`, settings and errors; nothing of training, detection or evaluation. XGBoost is imported when a
booster is loaded.
"""
