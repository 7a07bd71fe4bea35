"""Import and export of cases: as directories, or as one table of many cases.

In: case directories (`directories`), CSV and Parquet tables (`table_files`, `csv_table`, `parquet_table`), directories
of tables (`table_directory`). Out: cases and tables, and `notes` on what a table of another program was taken for:
`columns` says what is time, node, label and metric, `times` and `states` read the cells. `table` has the rows of a
table, `table_cases` turns those of one case into a case directory and back. `recording_table` writes a part of a
recording as a table for other programs. `arrow_files` has what Parquet needs.

Cases and recordings are read row by row, so that a table may be larger than the memory. May import `case_files` and
recordings; not `building`.
"""
