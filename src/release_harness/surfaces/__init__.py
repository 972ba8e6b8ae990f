"""The doors: they render and translate, and decide nothing."""
