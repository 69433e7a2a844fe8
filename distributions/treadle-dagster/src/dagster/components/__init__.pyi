from treadle.components import *
