"""Case directories: the exchange format of one case, written whole or not at all.

In and out: a directory with `case.yaml` (`case_yaml`: labels and origin) and `metrics.csv` or `metrics.csv.gz`
(`metrics_csv`: a row for each node and tick), as a `Case`. `case_directory` puts both together; it also lists, renames
and replaces. `text_file` opens texts by their content and within bounds, `spreadsheet` keeps names from being run as
formulas. What is malformed is named with its file and line.

May import `metrics` and the settings' loader; nothing of `building` or `exchange`.
"""
