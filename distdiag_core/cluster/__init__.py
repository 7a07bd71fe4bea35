"""The cluster: its file, and a link to every node by SSH and by SQL that is restored whenever it breaks.

In: a cluster file, flags and variables of the environment. Out: `ClusterSettings`, and for each node a `Shell`, a
`Database` and a status.

inventory, layers, checks, sections    the cluster file: its keys, where a value comes from, the sections of other rooms
cluster, node, link, status            the nodes, each with two links that are kept up
connection_gate, spread                how many begin at once, and how far apart those that failed together begin again
fan_out                                an operation on many nodes at once
ssh*, login_*, known_hosts, local      shells: by asyncssh, as OpenSSH would connect, or on this machine
kube*, pod*, sql_route                 nodes that are pods: by kubectl exec, SQL to their addresses or by port-forward
mysql*, password, account, tls*        databases, by PyMySQL in a thread a node
server_identity                        nodes whose databases turn out to be one server
engine_views                           what each version of OceanBase calls its views and their columns
server_list, server_comparison         the servers by the cluster's own views, and where the file differs
tenants                                the tenants that an account sees, and which of them are watched

May import errors, places and settings. Rooms above register their sections; none is imported here by name.
"""
