"""What users call: decorators and definition classes, config, resources, IO manager interfaces, contexts, loading, validation.

Assets: `decorators/`, `asset_definition` (what they build), `asset_nodes`, `writers`, `checks/`. Ops and jobs: `op`, `jobs`
(of assets), `job_definition`, `graphs/`. Schedules and sensors: `schedules`, `sensors` and the `…_sensors`, `target_job`,
`tick_function`; `run.ticks` evaluates them. A code location: `definitions`, gathered and resolved by `build_catalog` into
`code`, imported by `load_code`; `instigators` enters its jobs, schedules and sensors.
Imports only `core`. Verbs that need a higher room (`asset(...)()`, `execute_in_process`, …) are named in `doors.py`
and resolved on first use. Tests: tests/define.
"""
