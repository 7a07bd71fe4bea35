"""Import and export of cases: as directories, or as one table of many cases.

In: case directories (`directories`), CSV and Parquet tables (`table_files`). Out: the same. `table` has the rows and
columns of a table, `table_cases` turns the rows of one case into a case directory and back.

Cases are read row by row, so that a table may be larger than the memory. May import `case_files`; not `building`.
"""
