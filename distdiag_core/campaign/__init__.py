"""Campaigns: scenarios of load and anomalies that are recorded unattended, as labelled cases.

In: a campaign file (`campaign`, `load`), a running core (`runtime.operations.CampaignOperations`) that records.
Out: a directory of cases with a line for each attempt (`ledger`), from which a later run continues.

`schedule` turns a file into cases in their order, `safety` checks them before the first one. `runner` runs them, each
by `case_runner`, which waits (`steady_wait`, `tick_watch`), switches the load (`load_control`) and injects. Cases are
built by `dataset.building`. `advice` proposes a campaign file for what a dataset lacks.

May import `runtime` and the rooms below it; no front end.
"""
