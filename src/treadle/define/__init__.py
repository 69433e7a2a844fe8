"""What users call: decorators and definition classes, config, resources, IO manager interfaces, contexts, loading, validation.

Imports only `core`. Verbs that need a higher room (`asset(...)()`, `execute_in_process`, …) are named in `doors.py`
and resolved on first use. Tests: tests/define.
"""
