"""Keeps the queue of one branch: who waits, what is run, what lands, who is sent back; level-triggered, and resumable."""
