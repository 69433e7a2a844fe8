"""Config: the schema language, config classes, run config, environment variables and config files.

`schema` is the room's core: types that check a value and complete it, adding every problem to one list
with its path.
`config_class` is the only module here that imports pydantic; nothing else may. `configured` is the mixin
of all
definitions that take config. No resources, no ops, no running. Imported by the rest of `define` and by
rooms above.
Tests: tests/define/test_config*.py.
"""
