"""What is painted: pure functions from a `ViewState` and a width to lines, a module for each part of the screen.

In: the newest snapshot with the glyphs of the terminal (`view_state`).
Out: `Line`s, with which widgets repaint only what has changed.

Nothing is read from disk here, and nothing is asked of the core.

May import value types of the core, and `drawing`; no Textual widget, no screen.
"""
