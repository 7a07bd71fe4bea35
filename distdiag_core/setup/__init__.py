"""A new cluster file: from one node's address and accounts to a file that was tried on every node.

In: the answers of an operator. Out: the other nodes, as the database lists them; host keys to accept; what each node
passes and lacks; statements for an account of its own; and, when the operator agrees, the file.

cluster_draft   the answers, as the text and the settings of a cluster file; its writing
discovery       the other nodes, from the list of servers of one of them
pod_discovery   the nodes that are pods under ob-operator, by their labels
host_keys       the keys of hosts that are not trusted yet
privileges      the statements and the line of sudoers that give no more than is needed
results         the checks of all nodes as one table, and what mends what failed

May import doctor, cluster and what lies below. Front ends ask the questions.
"""
