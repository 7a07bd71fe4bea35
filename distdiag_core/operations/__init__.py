"""The operations on a cluster that front ends ask for, each with its safety gate, its events and its audit records.

In: connections to a cluster, and requests to inject, to clear, to prepare, start and stop a workload, or to end a
session. Out: what the operation came to; events in the journal; records in the audit log.

gate, audit               the rules that every operation has to pass; the record of its begin and of its end
injections                planning, injecting and clearing; connect_injections without a running console
compound_injection        several anomalies in one act, each at its offset; last_injection the newest of the audit log
injection_watch           the injections that are active, as the nodes list them; abort_rule ends them at a breach
workloads, run_history    benchmarks; their past runs with the injections that overlap them
sessions, session_list    the sessions of a database, which of them block others, and the end of one
parameters                which nodes differ in them; parameter_watch notes what changed; node_parameters reads one
                          node, parameter_comparison is pure, parameter_history keeps what was read last
obdiag                    checks and root cause scenes of obdiag, as evidence beside a diagnosis
backfill_reader           past hours, which a source reads now and then and the recording keeps beside its frames

May import errors, places, settings, obdiag, cluster, metrics, anomalies, workloads and recording; nothing above.
"""
