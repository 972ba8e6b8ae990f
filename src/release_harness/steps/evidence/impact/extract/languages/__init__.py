"""Readers of other languages than Python: each module has `extract_source(content: bytes) -> FileFacts`."""
