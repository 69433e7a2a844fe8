"""Pure values, no I/O: keys, metadata, events, run states, partitions, cron, selection syntax, errors, ports.

Everything above may import this room; it imports nothing of ours. The clock is always an argument.
Tests: tests/core.
"""
