"""The IO managers that come with Treadle: files by any fsspec URL (the default), and memory.

Each stores the whole new value or leaves the old one. Integrations (`treadle.integrations`) add tables and formats.
May import `define` and `core`. Tests: tests/run/io_managers.
"""
