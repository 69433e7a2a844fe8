"""Objects of classes, made of YAML: positions, templates, validation, resolution.

Knows nothing of components, folders or definitions; `definition_models` alone knows the classes of `define`.
Tests: tests/components/test_resolution.py.
"""
