"""Ours against the peer, alternately, in fresh processes: `make bench`, or `python -m benchmarks CASE …`.

`cases/` holds what is measured: code that runs unchanged on both sides. `case.py` is the vocabulary, `measure.py` takes one
measurement in a process of its own, `compare.py` alternates the sides and takes medians, `report.py` prints. No case is timed in
a test; a test only asks that the harness works.
"""
