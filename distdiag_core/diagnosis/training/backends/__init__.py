"""Training backends: where the rows of a training are kept, and what trains boosters from them.

In: cases one at a time, feature rows in parts, targets per anomaly.
Out: XGBoost boosters.

`training_backend` holds the one Protocol; `memory` keeps all rows in this process (`memory_rows`), `external_memory`
spills them to a scratch directory (`disk_rows`) and reads them again part by part, `dask` sends them to the workers of
a Dask cluster. The same cases give the same boosters to the byte within one backend.

Imports `dataset.case`, `metrics.frame` and errors alone; nothing of `training`, which is above.
"""
