"""(catalog, selection, partitions, state) -> Plan. Pure: no I/O, no clock, no user code.

Also what follows from the same graph: impact, and why an asset is stale. Imports `define`'s and `core`'s values only.
Tests: tests/plan.
"""
