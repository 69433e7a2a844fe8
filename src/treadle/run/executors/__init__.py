"""Ways to execute the steps of a run: one after another, in threads, in processes; coroutines side by side.

Each drives a `RunSession` until it is over. How a step itself runs is `run/step`; processes are `run/workers`.
Tests: tests/run.
"""
