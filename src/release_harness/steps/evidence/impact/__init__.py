"""The code-analysis engine: facts of files, the graph of references, entry points, and the way from a change to them.

Pure: bytes and names come in, records go out; it reads no file, starts no process and asks no clock. Usable as a library.
"""
