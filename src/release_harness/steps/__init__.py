"""The steps of the way to production, in the order in which a change goes through them."""
