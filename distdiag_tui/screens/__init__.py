"""The screens: the main one, and the dialogs over it, a module each.

In: the `Console` protocol, what an operator types.
Out: operations that are started, results that a dialog is closed with.

`dialog` is the base of all dialogs, `listing` of those with a list and its details, `form` of those with fields.

May import `console`, `operations`, `widgets` and what lies below; neither handlers nor the app.
"""
