"""Comparisons of `bench_peers`: programs on a terminal, one tick of a diagnosis, figures gathered from nodes.

Each is a function that gives rows of Markdown. The other programs are named by the caller and run as they are.
"""
