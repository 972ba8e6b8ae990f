"""Walks a history, and says what policies and scores would have done in it."""
