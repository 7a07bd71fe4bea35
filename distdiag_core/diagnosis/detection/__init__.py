"""Detection: a model and live windows to ranked root causes, tick by tick.

In: a trained model (`model`) and the window of the last ticks of all nodes.
Out: a `Diagnosis` (`ranking`): whether the cluster is anomalous, and its root causes with confidence, influence,
importance, onset, evidence and impact.

The classifiers score each node (`scoring`), thresholds and time decide which anomalies are active and which past is
clean (`anomaly_state`), correlations between nodes (`graph`) give each an `influence`, and `ranking` holds the one
formula of importance. `onset` dates them, `impact` says what an anomaly costs the workload. `diagnoser` runs the steps.

Imports features and model; nothing of training or evaluation. networkx is imported for an exported graph alone.
"""
