"""Incidents: consecutive diagnoses of one trouble, from onset to end, with the injections that were active meanwhile.

In: a `Diagnosis` and the known injections a tick.
Out: an `Incident` that grows, its rows for the recording, a report in Markdown.

`incident` has the values, `tracker` the state machine that opens, extends and ends them,
`anomaly_mark` is one of them on a line of time, `validation` counts known injections that were named,
`incident_files` reads and writes them in a recording, `report` tells one, `evidence_charts` draws what speaks for
its root causes, `report_files` writes both beside each other, and `notices` says which begins and ends are worth a
call.

May import svg, recording, anomalies, diagnosis, obdiag and what lies below; knows no runtime, no cluster and no screen.
"""
