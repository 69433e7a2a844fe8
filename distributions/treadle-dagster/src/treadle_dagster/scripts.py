"""The scripts `dagster` and `dg`: Treadle's command line."""

from treadle.cli.main import main
from treadle_dagster import say_where_both_are_installed


def dagster() -> None:
    """What `dagster …` runs."""
    say_where_both_are_installed()
    main()


def dg() -> None:
    """What `dg …` runs."""
    dagster()
