"""The dataset: labelled cases, which models are trained on and evaluated with.

In: case directories and tables, of this machine or of other people (`case_files`, `exchange`); recordings (`building`).
Out: `case.Case`, counts and balance (`statistics`), edited cases (`editing`).

`building` makes cases from recordings, `case_files` reads and writes a case directory, `exchange` copies cases and
turns them into tables and back. A case may have any metrics, nodes and anomalies: none is compared with ours.

May import `cluster`, `metrics`, `anomalies`, `workloads` and `recording`; neither diagnosis nor runtime.
"""
