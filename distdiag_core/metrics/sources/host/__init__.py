"""Source `host`: the operating system of a node.

In: a shell on the node, or this machine itself. Out: counters and gauges of CPU, memory, disk and network by one set of
keys, whichever way they were read. Linux alone.

host_source  the registration
remote_host  over SSH, from a program that stays on the node
host_script  this program and its answers
tcp_script   its part for TCP connections, and what it means
node_program the same in Python, which costs a node that has it a sixth
local_host   psutil, for a node that is this machine
procfs       parsers of files in /proc

May import cluster, and of metrics only `metrics.source`.
"""
