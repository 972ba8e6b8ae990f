"""Evidence computed from the change, signed and bound to its content."""
