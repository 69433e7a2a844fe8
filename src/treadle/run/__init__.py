"""Executes a plan: steps, their inputs and outputs, hooks, retries, executors, worker processes, results.

From the call inwards: `materialize`, `execute`, `launch` and `backfill` make a `RunOrder`; `engine` is a run from begin to
finish; an executor (`executors/`) drives its `session`, which asks `progress` (pure) what can start; `step` is one attempt
anywhere: `inputs`, the user's function, `step_results`, `outputs`, `hooks`. `failures` decides whether it is tried again,
`interrupts` ends what takes too long or is told to stop. `ticks/` evaluates schedules and sensors; nothing here loops or
serves. Imported by `cli` and what is above; lower rooms reach it only through `define.doors`. Tests: tests/run.
"""
