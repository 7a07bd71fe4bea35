"""TPC-C, after the TPC Benchmark C standard specification, revision 5.11; clauses named in this package are its.

In: a request with `TpccOptions`, and the databases of the nodes. Out: loaded warehouses, the command of the driver,
its report lines as figures, and the consistency conditions as findings.

`tables` has the schema and the initial rows, `transactions` the inputs and the five transactions, `driver` the
processes that execute them with the terminals and the mix of the specification; each imports only those before it,
and this level all three. May import cluster and the modules of `workloads`, but no other benchmark, and neither
`clients` nor `control`.
"""
