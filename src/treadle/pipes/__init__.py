"""Pipes: runs code outside of the run's process and takes in what it reports. The child uses the package `dagster-pipes`.

Here: the wire (`wire`), what a child is told (`context_data`) and how (`injectors`), how its messages come back
(`readers`, `blob_readers`) and what becomes of them (`message_handler`), a session of both (`session`), and the
client that starts a process (`subprocess_client`). Not here: how a step's results are recorded (`run.step_results`).
Clients of other systems belong to `integrations`. Anybody above `run` may import this; tests: `tests/pipes`.
"""
