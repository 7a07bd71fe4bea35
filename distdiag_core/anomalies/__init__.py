"""The catalogue of anomalies, and their injection into the nodes of a cluster, which always ends.

In: the anomaly files of `config/anomalies`, a request (anomaly, nodes, severity, duration) and shells on the nodes.
Out: a plan of the commands on each node; injections that were proved active and end at their deadline; their listings.

catalogue, anomaly_file  the kinds of anomalies, read from a YAML file each; template, parameter and manifest are parts
advice_catalogue         what to do about an anomaly, read from `config/advice` and from the user's files
planner, rules           the step for a node; the safety rules that every request has to pass
compound, presets        several anomalies in one act; those that are named, in `config/presets.yaml` and of the user
injector, listing        starting, listing and clearing on all nodes; what each node listed last
backend, backends        the interface by which injections reach a node, and its implementations
payload, node            the programs that are sent to a node

May import errors, places, settings and cluster. `node` runs on the nodes and imports nothing of this package.
"""
