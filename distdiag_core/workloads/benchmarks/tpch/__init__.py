"""TPC-H: the data, the 22 queries and the streams of the TPC Benchmark H specification, revision 3.0.1."""
