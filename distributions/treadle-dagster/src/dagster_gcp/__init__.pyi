from treadle.integrations.gcp import *
