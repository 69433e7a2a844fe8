"""`treadle check yaml`: the YAML files of components."""

from pathlib import Path

import click

from treadle.cli import exit_codes
from treadle.cli.failing import fail, problem_as_json
from treadle.cli.locations import enter_project
from treadle.cli.output import counted, harmless, json_option, print_json
from treadle.components.checking import problems_of_yaml
from treadle.components.project import find_project
from treadle.components.tree import ComponentTree
from treadle.core.errors import TreadleError


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@json_option
def check_yaml(paths: tuple[str, ...], as_json: bool) -> int:
    """Check the YAML files of components: keys, types, attributes. Templates are not filled in, nothing is built.

    Exit code 0: no problems; 1: problems.
    """
    enter_project()
    try:
        project = find_project(Path(paths[0]) if paths else Path.cwd())
        tree = ComponentTree(defs_module=project.import_defs_module(), project_root=project.root)
    except TreadleError as error:
        fail(error.message, code=error.code, hint=error.hint)
    checked, problems = problems_of_yaml(tree, [Path(path).resolve() for path in paths])
    if as_json:
        print_json([problem_as_json(problem) for problem in problems])
    else:
        for problem in problems:
            click.echo(harmless(str(problem)))
        click.echo(
            f"{counted(checked, 'YAML component')}: "
            f"{len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}"
        )
    return exit_codes.FAILED if problems else exit_codes.OK
