"""Cases made from recordings: the one way, for live collecting, for campaigns and for recovery after a kill.

In: what is observed at each tick beside the metrics (`observation`), and a recording, which may still be written.
Out: a `dataset.case.Case`.

While a case is open, `spans` follows the injections, `steady_state` the nodes and the load, and `normal_period` and
`anomaly_period` decide where a case begins and ends. The result is a `CaseTimeline`, small enough to be noted on the
disk. `case_builder` adds the frames of the recording between its two ends. The rule for normal stretches stands in
`case_timeline`, the rule for what is excluded in `exclusion`.

May import `cluster`, `anomalies`, `workloads`, `metrics`, `recording` and the rest of `dataset`; neither diagnosis nor
runtime.
"""
