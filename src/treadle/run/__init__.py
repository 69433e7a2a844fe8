"""Executes a plan: steps, their inputs and outputs, hooks, retries, executors, worker processes, results.

`progress` is pure and knows nothing of processes; executors feed it. `step` executes one step anywhere; `engine` is a
run from begin to finish. No scheduling, no HTTP. Imported by `cli`, `host` and what is above; lower rooms reach it
only through `define.doors`. Tests: tests/run.
"""
