"""Automation: which assets and checks their conditions ask for, and why. Pure: state and time in, decisions and cursor out.

`evaluate` takes a `Network` (the conditions of a catalog, compiled once), a state (`facts.AutomationState`, read by
`store.automation`), a time and the cursor of the evaluation before. Only what can have changed is evaluated again.
Not here: reading stores, clocks, starting runs. `run.automation` and the command line import it, and user code through
public names. Tests: tests/plan/automation.
"""
