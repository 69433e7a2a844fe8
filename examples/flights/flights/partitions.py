"""A day of 2013, and a month of it."""

import treadle as dg
from flights import tables

days = dg.DailyPartitionsDefinition(start_date="2013-01-01", end_date="2014-01-01", timezone=tables.TIME_ZONE)
months = dg.MonthlyPartitionsDefinition(
    start_date="2013-01-01", end_date="2014-01-01", timezone=tables.TIME_ZONE
)
