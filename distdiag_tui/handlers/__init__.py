"""What each action of the app does: one handler per action, by its id in the registry.

In: the `Console` protocol.
Out: screens that are opened, questions that are asked, operations that are started.

`table` has the handler of each action; an action of the registry without one is a mistake that a test finds.

May import every other room of the console; only `app` imports this one.
"""
