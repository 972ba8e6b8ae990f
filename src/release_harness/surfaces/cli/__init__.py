"""The command line, made from the list of operations."""
