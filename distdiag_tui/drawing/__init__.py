"""What screens are drawn with: styled lines as plain values, glyph sets, sparklines, numbers and times in short.

In: values, a width, the kind of the terminal.
Out: `Line`s, which widgets show and compare; themes in RGB and one in sixteen colours.

Everything is pure but `terminal`, which asks the environment what the terminal can show, `theme_files`, and
`textual_internals`, which has what is private to Textual.

May import errors, places, settings, frames and catalogues of the core; no other room of the console.
"""
