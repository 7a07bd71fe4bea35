"""The widgets: lists, text, charts and fields that show lines and repaint only those that changed.

In: lines of the views, keys of the registry.
Out: Textual messages about what was chosen or moved to.

`line_view` is under all that show lines; `list_view` adds a cursor, `select` a choice on one line.

May import `actions`, `views` and `drawing`; no screen, no operation.
"""
