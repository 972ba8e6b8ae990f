"""Take a change from a one-page goal to production, and back again, with evidence computed from the change."""

__version__ = "0.1.0"
