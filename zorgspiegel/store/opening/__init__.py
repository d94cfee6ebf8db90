"""Opening files of strangers. Runs in a child process with limits (`child`), never in the web or worker
process.

The readers use the standard library and NumPy only, so that 512 MB of address space is enough for them; what
they write is a clean table that DuckDB can be trusted with. Whatever a file does, the answer is a list of
problems.
"""
