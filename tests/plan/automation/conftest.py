from collections.abc import Iterator

import pytest

import treadle as dg


@pytest.fixture
def instance() -> Iterator[dg.Instance]:
    with dg.Instance.ephemeral() as made:
        yield made
