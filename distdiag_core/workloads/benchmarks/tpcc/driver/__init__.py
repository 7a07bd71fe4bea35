"""The driver of TPC-C (clause 5): processes full of emulated terminals, which put the load on one node.

In: a `DriverPlan`, through a pipe. Out: a report line each second with the figures of all terminals, and a log of the
results of Deliveries.

The driver (`tpcc_driver`) maps the warehouses of the run and starts worker processes; each (`worker_process`) runs
terminals as threads, which draw transaction types from a deck and execute them, and returns its tallies. May import
`tpcc.tables` and `tpcc.transactions`, but not cluster, whose asynchronous connections cost too much per transaction.
"""
