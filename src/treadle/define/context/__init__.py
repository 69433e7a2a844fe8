"""The contexts that user code receives.

In a step all of them are views on one `StepState`: `op_context`, `asset_context`, `hook_context`, and for IO managers
`input_context` and `output_context`. In a tick they are kinds of `TickContext`: `schedule_context`, `sensor_context`,
`multi_asset_sensor_context`, `run_status_context`. `build` makes those of steps for tests. Tests: tests/define/context.
"""
