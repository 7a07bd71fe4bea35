"""What every node of a cluster lacks to be watched, injected and loaded, what that costs, and the line that mends it.

In: the settings of a cluster. Out: a `ClusterReport` of checks by node; nothing is changed on any node.

report          the checks of a node with their results
examination     all nodes at once, each within a bound
connections     SSH and SQL, and which privileges the SQL account has
servers         the cluster's own lists of servers and tenants beside the cluster file
readings        one reading of each source of metrics
host_survey     what one shell command tells of rights, programs, kernel and clock
host_checks     the checks made of that, and of which anomalies are possible
load_host       the programs that benchmarks need, where their clients run
packages        the packages of programs

May import anomalies, workloads, metrics, cluster and what lies below.
"""
