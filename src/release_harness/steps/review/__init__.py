"""Who must look at what, did they, and may the change pass."""
