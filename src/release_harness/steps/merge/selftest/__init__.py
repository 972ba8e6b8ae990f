"""The exhaustive check of the queue: every order of events in a small world, every state held against the invariants; pure."""
