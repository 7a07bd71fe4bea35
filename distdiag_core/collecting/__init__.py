"""Collecting cases in a running console: the switches, and what waits behind them.

In: an observation a tick (`dataset.building.observation`), and the announcement of every injection and clearing.
Out: case timelines, which `dataset_writer` has built from the recording and writes to the dataset; the status for the
screen (`collecting_status`).

`collector` has the two switches, normal operation and anomalies. `held_injections` wait until the stretch before them
is long enough. `unfinished_cases` notes on the disk what is open, so that `recovery` builds it after a kill.

Where a case begins and ends, and what is excluded, is decided in `dataset.building`; nothing is decided here.
May import `dataset` and the rooms below it; no diagnosis, no runtime.
"""
