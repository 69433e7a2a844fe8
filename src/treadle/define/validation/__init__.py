"""Finding everything that is wrong with a set of definitions, at once, before anything runs.

Each module looks for one family of problems in the catalog being built and yields `Problem`s; none raises for what a
user did. `examine` runs them all. Linear in the number of definitions. Tests: tests/define/test_validation*.py.
"""
