"""What the history of a branch can and cannot answer."""
