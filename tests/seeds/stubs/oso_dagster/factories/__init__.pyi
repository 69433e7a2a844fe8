from treadle.factories import *
