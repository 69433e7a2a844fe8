"""A public name that is written wrong is told with the one that was meant."""

import pytest

import treadle


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("efinitions", "Definitions"), ("defnitions", "definitions"), ("ASSETKEY", "AssetKey")],
)
def test_a_name_is_told_as_it_is_spelled(wrong: str, meant: str) -> None:
    with pytest.raises(AttributeError, match=f"did you mean `{meant}`"):
        getattr(treadle, wrong)
