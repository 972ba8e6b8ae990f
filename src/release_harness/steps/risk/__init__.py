"""The tier of a change, from facts and policy."""
