"""Decisions of review: the card, the gate over all policies, what an approval is worth, and who has to look. Pure."""
