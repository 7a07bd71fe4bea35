"""SVG documents that GitHub and browsers show: foreign text made harmless, and charts of time series.

In: plain arrays and texts. Out: the text of an SVG file.

markup         text from outside, and the head of a document on a white ground
time_chart     line charts below each other on one axis of time, with stretches and moments marked

Nothing in them runs or is loaded from elsewhere. Imports NumPy alone and no other room.
"""
