"""Ops for tests that need some and not what they do."""

import treadle as dg


@dg.op
def one():
    return 1


@dg.op
def double(number):
    return 2 * number
