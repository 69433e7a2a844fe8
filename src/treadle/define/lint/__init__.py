"""`dg.lint`: everything that is wrong, doubtful or could be better in a set of definitions. Never raises for what it finds.

Each further family of advice is a module of its own with a function from `Code` to `Problem`s. Tests: tests/define/test_lint.py.
"""
