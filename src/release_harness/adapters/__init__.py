"""One file or folder for each outside product."""
