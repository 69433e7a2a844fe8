"""Worker processes: warm ones that execute one step after another, forked where that is safe, else spawned.

`pool` starts and ends them, `worker` is what they do, `fork_guard` says whether forking is safe, `guardian` ends
them when the run's process is killed. A worker never writes to the store: it sends events to the run's process and
asks it for everything. Imported by `run/executors`. Tests: tests/run/test_workers*.py.
"""
