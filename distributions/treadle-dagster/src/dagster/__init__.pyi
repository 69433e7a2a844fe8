from treadle import *

__version__: str
