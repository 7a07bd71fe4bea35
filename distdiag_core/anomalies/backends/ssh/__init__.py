"""Backend `ssh`: injections as leases on the nodes, each under a supervisor on its node that ends it.

In: a shell on each node, and the plan of an injection. Out: leases, which are directories on the node; a shell program
that is sent along with every request arms, lists and ends them.

ssh_backend   the implementation of `Backend`, and its registration
lease_report  the leases that a node printed, as injections

May import cluster, settings and the modules of `anomalies` itself.
"""
