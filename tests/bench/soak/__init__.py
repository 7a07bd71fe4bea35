"""A soak of the whole product on the lab: `python -m tests.bench.soak [--hours 2] [--seed 1]`, or `make soak`; root.

The lab under changing load; two consoles in tmux whose keys are pressed, one on a terminal that is not read for a
minute now and then, and one `distdiag record`; random injections; databases and SSH servers killed; and `kill -9` of
each part in turn. All of it by a plan from a seed (`plan`), carried out by `soak_run`. Each minute `figures` adds a
row to a file of JSON lines; at the end `findings` compares what was done with what is on record, `trend` judges the
slopes, and `report` prints all of it. Everything is kept in directories of its own; the lab is taken down at the end.

Exit status: 0 where nothing was found, 1 where something was, 2 where it could not begin, 130 where it was interrupted.
"""
