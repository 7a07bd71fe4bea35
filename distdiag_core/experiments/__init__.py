"""Experiments: a benchmark and anomalies as one named run, with what the anomalies cost the benchmark.

In: a named plan (`experiment`) of a load and a compound injection, and a running core (`runtime.operations`).
Out: its result with the figures before, during and after, kept by name (`experiment_files`).

`experiment_runner` starts the load, waits until it is stable, injects and waits for the end; `costs` measures the
stretches, `report` writes them as text and Markdown, and sets two experiments side by side.

May import `campaign`, `runtime` and the rooms below them; no front end.
"""
