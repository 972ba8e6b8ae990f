"""Reads the reports of test runners, coverage tools and scanners; everything in them is hostile."""
