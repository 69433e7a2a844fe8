"""Resources: made from functions, classes and plain objects; how they depend on each other, open and close.

`opening` opens them in order and tears them down in reverse, in runs, ticks and direct calls. `definition` and `opening`
need no pydantic; `configurable` and `told_config` do, and are imported only by programs that define a resource class.
No ops, no IO manager interface (that is `define/io_manager.py`). Imported by the rest of `define` and by `run`.
Tests: tests/define/test_resource*.py.
"""
