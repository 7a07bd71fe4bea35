"""Evaluation: how good a model, or the method, is on labelled cases that it has not seen.

In: a model or cases to train on, and labelled cases to test on.
Out: an `Evaluation` (`summary`): AC@k, macro F1, detection and calibration, each with a confidence interval, the
misrankings, and the same of simpler baselines.

`replay` diagnoses a case tick by tick with the detector that runs live; `accuracy`, `reliability`, `intervals` and
`misrankings` compute from replays; `baselines` are replayed likewise. `evaluation_page` gives the texts of a report.

Imports all other rooms of `diagnosis`; nothing imports it but models and the command line. Writes no files.
"""
