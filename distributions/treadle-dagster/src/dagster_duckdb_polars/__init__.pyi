from treadle.integrations.duckdb import *
