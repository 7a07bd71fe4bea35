"""The console beside other programs that do a part of the same, in one run; none of them belongs to this project.

    python -m tests.bench.bench_peers terminal --cluster lab --node n1 --dolphie /path/to/dolphie
    python -m tests.bench.bench_peers recipe --demo /path/to/DistDiagDemo --python /path/to/its/python
    python -m tests.bench.bench_peers gather --cluster lab --obdiag /path/to/obdiag --cgroup '/path/of/{node}'

- terminal: Dolphie on one node, the console on that node and on all of them, on a terminal of 200x60. Dolphie reads
  MySQL and MariaDB (`lab up --engine galera`): OceanBase refuses what it asks first.
- recipe: one tick of the diagnosis as DistDiagDemo has it published, and of ours, on the same numbers of nodes,
  metrics and anomalies. Its Python wants numpy, scipy, scikit-learn, xgboost and joblib.
- gather: `obdiag gather sysstat` by our verb, and watching for as long, with the processor time of the nodes.

Prints rows of Markdown, asserts nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.bench.peers import gather, recipe, terminal


def main() -> None:
    """Compare with one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(required=True)
    on_terminals = parts.add_parser("terminal")
    on_terminals.add_argument("--cluster", default="lab")
    on_terminals.add_argument("--node", default="n1")
    on_terminals.add_argument("--dolphie", type=Path, required=True)
    on_terminals.add_argument("--seconds", type=float, default=30.0)
    on_terminals.add_argument("--rounds", type=int, default=2)
    on_terminals.set_defaults(
        compare=lambda its: terminal.compare(its.cluster, its.node, its.dolphie, its.seconds, its.rounds)
    )
    of_recipes = parts.add_parser("recipe")
    of_recipes.add_argument("--demo", type=Path, required=True)
    of_recipes.add_argument("--python", default=sys.executable)
    of_recipes.set_defaults(compare=lambda its: recipe.compare(its.demo, its.python))
    of_gathering = parts.add_parser("gather")
    of_gathering.add_argument("--cluster", default="lab")
    of_gathering.add_argument("--obdiag", required=True)
    of_gathering.add_argument("--cgroup", required=True, help="where the processor time of {node} is accounted")
    of_gathering.set_defaults(compare=lambda its: gather.compare(its.cluster, its.obdiag, its.cgroup))
    chosen = parser.parse_args()
    for row in chosen.compare(chosen):
        print(row, flush=True)  # noqa: T201 - a benchmark's output


if __name__ == "__main__":
    main()
