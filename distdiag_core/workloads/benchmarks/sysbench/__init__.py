"""sysbench: the OLTP scripts that it ships."""
