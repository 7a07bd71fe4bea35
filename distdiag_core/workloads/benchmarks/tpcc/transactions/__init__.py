"""The five transactions of TPC-C (clause 2), their random inputs, and the sessions that execute them.

In: inputs, and the databases of a terminal. Out: committed transactions and their results.

Statements that do not depend on each other share a round trip. Numbers enter statements by `%d` or `:d`, which accept
nothing else; text is escaped. All transactions lock rows in the same order (stock by warehouse and item, then
customer, warehouse, district), so that they do not deadlock. May import `tpcc.tables`, but not `tpcc.driver`.
"""
