"""`report.html`: one file with everything in it, that asks no network for anything. Plots are SVG made by hand.

`svg` writes elements, `scale` turns numbers into places, a module a plot turns values into a figure, and the templates
put them into a page that is whole without its script.
"""
