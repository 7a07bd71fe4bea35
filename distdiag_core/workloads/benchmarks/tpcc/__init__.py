"""TPC-C, after the TPC Benchmark C standard specification, revision 5.11; clauses named in this package are its.

The data's way: scale and spread -> chunks of rows -> population; then cards of a deck -> inputs -> transactions on
sessions -> tallies -> the driver's lines.
"""
