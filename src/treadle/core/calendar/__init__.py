"""Time: the clock, time zones with their offset changes, cron schedules and their numbered ticks.

Pure except for `clock.now`, which everything above calls only where no time was passed in. Instants are UTC
epoch seconds inside, aware datetimes at the edge. Nothing here knows partitions, schedules or stores.
Everything above core may import it. Tests: tests/core/calendar.
"""
