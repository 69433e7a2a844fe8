"""Evaluates ticks: a schedule or sensor, its context and a time go in, a `core.ticks.TickResult` comes out.

User code is called here, and nothing is written: what a tick asks for is committed by whoever asked, in one
transaction. `evaluate.evaluate_tick` is the way in (the door behind `schedule.evaluate_tick(context)`).

May be imported by the control loops, the command line and test tools. Tests: tests/run/ticks.
"""
