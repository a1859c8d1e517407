"""Adapters: other systems as functions of NumPy arrays by keyword, each imported when it is used.

A maker takes the place of a function, its data in the row of its dialect, and what was chosen. It
returns the function and its vjp, or None.
"""
