"""Models on disk: the registry, training jobs, comparison and editing.

In: directories of cases, names of models.
Out: model directories under the data directory of the user, facts about them, comparisons of their evaluations.

`model_registry` finds, loads and chooses models, `training_job` trains one from a directory of cases, off the event
loop and with progress, `model_comparison` evaluates several on the same cases, `model_fit` says which metrics of a
model a cluster lacks, `model_editing` renames, deletes and exports.

Imports diagnosis, dataset, metrics, places and errors; nothing of operations, the runtime or a front end. Diagnosis
and XGBoost are imported when a model is loaded or trained, so that listing stays fast.
"""
