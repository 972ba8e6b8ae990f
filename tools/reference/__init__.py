"""The parts of the generated reference, one module for each kind of page."""
