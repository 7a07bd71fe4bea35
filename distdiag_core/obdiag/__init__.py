"""obdiag, the diagnostic tool of OceanBase: its checks and its root cause scenes, run on this machine.

In: the settings of a cluster, and what is to be run: `call` has it, and finds it in the advice on an anomaly.
Out: `ObdiagEvidence`: records and suggestions in words, which `incidents` keeps and reports.

`program` runs one call at a time in a directory and a HOME of its own, with a `configuration` made from the cluster
file; `answer` reads what it prints, of which its exit status and its code are the least reliable.

May import cluster and settings; knows no catalogue, no recording and no screen.
"""
