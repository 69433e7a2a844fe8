"""The place that an error of a definition names is the user's."""

from pathlib import Path

import pytest

from treadle.core.errors import TreadleError
from treadle.define.load_code import CodeOrigin, load_code


def test_partitions_that_are_refused_are_placed_in_the_users_file(tmp_path: Path) -> None:
    file = tmp_path / "twice.py"
    file.write_text('import treadle as dg\n\np = dg.StaticPartitionsDefinition(["a", "a"])\n')
    with pytest.raises(TreadleError) as raised:
        load_code(CodeOrigin(file=str(file), working_directory=str(tmp_path)))
    assert raised.value.where == f"{file}:3"
    assert "leave one out" in (raised.value.hint or "")
