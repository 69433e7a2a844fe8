"""Which package holds a project's definitions, where several tools' settings could say."""

import pytest

from treadle.components.project import find_project
from treadle.core.errors import ConfigurationError


@pytest.mark.parametrize(
    "settings",
    [
        '[tool.treadle]\ncode_locations = [{ module_name = "shop.definitions" }]\n',
        '[tool.dagster]\nmodule_name = "shop.definitions"\n',
        '[tool.dg.project]\nroot_module = "shop"\n',
    ],
)
def test_the_package_is_the_one_that_the_settings_name(tmp_path, settings):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n' + settings)
    assert find_project(tmp_path).root_module == "shop"


def test_a_project_that_names_none_is_told_what_to_write(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    with pytest.raises(ConfigurationError, match=r"\[tool.dg.project\]"):
        find_project(tmp_path)
