"""`report.html`: one file that needs no network. Its plots are SVG.

`svg` writes elements, `axes` turns numbers into coordinates, one module for each plot turns values into a figure, and
the templates put them into a page that is complete without its script.
"""
