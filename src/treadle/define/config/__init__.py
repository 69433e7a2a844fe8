"""Config: the schema language, config classes, run config, environment variables and config files.

`schema` is the room's core: types that check a value and complete it, adding every problem to one list with its path
(`problems` has the words). `resolve` goes through the whole of a run's config. `config_class` and `class_schema` are the
only modules here that import pydantic. `configured` is the mixin of all definitions that take config. No resources, no
ops, no running. Imported by the rest of `define` and by rooms above. Tests: tests/define/test_config*.py.
"""
