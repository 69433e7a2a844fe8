"""The IO managers that come with Treadle: files by any fsspec URL (the default), and memory; and the base of those for tables.

Each stores the whole new value or leaves the old one. `tables` is the base of what writes rows into a database;
integrations (`treadle.integrations`) add databases and formats. May import `define` and `core`. Tests: tests/run/io_managers.
"""
