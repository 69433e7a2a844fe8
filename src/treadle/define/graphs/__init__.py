"""Graphs of ops: calling ops inside `@graph` and `@job`, graphs given by dependencies, and their flat form.

A graph is flattened once, to the pure `core.op_graph.OpGraph`; whatever plans or runs works on that. Nothing here runs
anything. May be imported by what lies above `define`, and by `define/jobs`, `definitions` and `build_catalog`.
Tests: tests/define/graphs.
"""
