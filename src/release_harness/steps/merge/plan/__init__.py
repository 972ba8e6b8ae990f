"""The planner of the merge queue: sees a snapshot of the queue and proposes runs, landings and rejections; pure.

Usable as a library: `planner("pcut").plan(snapshot, Options(), Memory())` gives a `Proposal`. Nothing here decides:
the lander checks every landing and every rejection against what is recorded, and refuses what is not proven.
"""
