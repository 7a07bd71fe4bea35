"""The operations of the console that more than one place starts: a module each, which takes the `Console` protocol.

In: the console, and what the operator has chosen.
Out: operations of the core or of a worker, and their results in words.

Each module says what is done, what is reported when it is done, and what when it fails. `pending_operation` is one
that has begun and can be cancelled; `background_task` is one whose runs are shown, of which one goes on at a time.

May import `console`, `core`, `actions`, `views` and `drawing`; no widget and no screen.
"""
