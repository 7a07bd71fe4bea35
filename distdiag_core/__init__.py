"""distdiag's core: it watches, disturbs and diagnoses a distributed OceanBase cluster, without a terminal.

In: cluster files, the nodes over SSH and the MySQL protocol, cases and models on disk.
Out: snapshots once a tick, operations by room (`runtime.Runtime`), the verbs of the command line.

Data flows one way: cluster -> metrics -> recording and diagnosis -> runtime -> console or command line. The rooms are
layers, each of which may import those below it; `docs/architecture.md` draws them.

May not import `distdiag_tui`, Textual, Rich or plotext.
"""

__version__ = "0.1.0"
