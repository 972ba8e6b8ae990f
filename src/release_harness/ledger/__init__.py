"""Append-only events, the Merkle log over them, and the tables that are folded from them."""
