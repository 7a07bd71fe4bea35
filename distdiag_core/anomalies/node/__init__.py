"""The programs that are sent to a node: the shell text of leases, and the clients of the SQL anomalies.

In: arguments and files of a lease. Out: an effect on the node, and the files `shown` and `progress` of the lease.

They run there with what the node has, Python 3.6 for `packet_delay` and 3.9 for the SQL clients, and import nothing of
distdiag but each other.
"""
