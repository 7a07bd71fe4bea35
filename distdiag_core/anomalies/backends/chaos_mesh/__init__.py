"""Backend `chaos_mesh`: injections as objects of Chaos Mesh, for nodes that are pods of a Kubernetes cluster.

In: a shell on the host of `kubectl`, and the pods that the cluster file names. Out: objects in the namespace of the
pods, which Chaos Mesh carries out and ends.

chaos_mesh_backend  the implementation of `Backend`, and its registration
chaos_object  the objects: made, and read back
pod           the limits of the pod of a node, which a manifest may use

May import cluster, settings and the modules of `anomalies` itself.
"""
