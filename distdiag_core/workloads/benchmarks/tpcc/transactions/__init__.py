"""The five transactions (clause 2). Statements that need nothing from each other's answers go in one round trip.

Numbers enter the statements by `%d` or `:d`, which take nothing else; text is quoted. Rows are locked in one order
everywhere (stock by warehouse and item, then customer, warehouse, district), so that no two transactions wait for each
other.
"""
