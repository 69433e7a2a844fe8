"""Partitions: definitions (what keys exist), sets of them as algebra, mappings between them, their stored form.

A definition resolved at a time is a `PartitionSpace`: it numbers the keys along each dimension. A `PartitionSet`
is runs of these numbers, so its cost is its gaps, not its keys; keys become text only when asked for. Numbers
never leave the process: `stored.py` turns sets into time ranges and stable ids, and back.
The clock and the store of dynamic keys are passed in (`current_time`, `dynamic_partitions_store`).
Not here: backfill policies, partitioned config, schedules of partitioned jobs, anything that reads a store.
Everything above core may import it. Tests: tests/core/partitions.
"""
