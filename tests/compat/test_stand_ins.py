"""What the private modules of the peer that projects use give here: the small functions do what they say."""

import os
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import treadle
from treadle.compat.stand_ins import check, collections, models, record, testing
from treadle.compat.stand_ins import warnings as marks
from treadle.compat.stand_ins.backoff import backoff, backoff_delay_generator

PASSED: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("path_param", (Path("x"), "p"), {}),
    ("int_param", (1, "n"), {}),
    ("numeric_param", (1.5, "n"), {}),
    ("inst_param", (1, "x", (str, int)), {}),
    ("class_param", (int, "c"), {"superclass": object}),
    ("callable_param", (len, "f"), {}),
    ("list_param", (["a"], "l"), {"of_type": str}),
    ("is_list", (["a"], str), {}),
    ("tuple_param", ((1, "a"), "t"), {"of_shape": (int, str)}),
    ("sequence_param", ((1, 2), "s", int), {}),
    ("iterable_param", ({1}, "s"), {"of_type": int}),
    ("generator_param", ((n for n in ()), "g"), {}),
    ("dict_param", ({"a": 1}, "d"), {"key_type": str, "value_type": int}),
    ("two_dim_dict_param", ({"a": {"b": 1}}, "d"), {"value_type": int}),
    ("not_none_param", (0, "x"), {}),
    ("is_callable", (len,), {}),
]
REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("path_param", (1, "p"), {}),
    ("int_param", ("1", "n"), {}),
    ("inst_param", (1, "x", (str, bytes)), {}),
    ("class_param", (3, "c"), {}),
    ("class_param", (int, "c"), {"superclass": str}),
    ("callable_param", (3, "f"), {}),
    ("opt_callable_param", (3, "f"), {}),
    ("opt_inst", (3, str), {}),
    ("opt_inst_param", (3, "x", str), {}),
    ("list_param", ((), "l"), {}),
    ("list_param", ([1], "l"), {"of_type": str}),
    ("is_list", ([1],), {"of_type": str}),
    ("opt_nullable_list_param", ([1], "l"), {"of_type": str}),
    ("tuple_param", ((1, "a"), "t"), {"of_shape": (int, int)}),
    ("tuple_param", ((1,), "t"), {"of_shape": (int, int)}),
    ("sequence_param", ("abc", "s"), {}),
    ("iterable_param", ("abc", "s"), {}),
    ("dict_param", ({"a": 1}, "d"), {"key_type": int}),
    ("dict_param", ({"a": 1}, "d"), {"value_type": str}),
    ("two_dim_dict_param", ({"a": 1}, "d"), {}),
    ("two_dim_dict_param", ({1: {"b": 1}}, "d"), {}),
    ("two_dim_dict_param", ({"a": {"b": 1}}, "d"), {"value_type": str}),
    ("two_dim_dict_param", ({"a": {1: 1}}, "d"), {}),
    ("not_none_param", (None, "x"), {}),
    ("param_invariant", (False, "x", "no"), {}),
    ("is_callable", (3,), {}),
    ("not_implemented", ("x",), {}),
    ("assert_never", (3,), {}),
]
NONE: list[tuple[str, Any]] = [
    ("opt_str_param", None),
    ("opt_inst_param", None),
    ("opt_callable_param", None),
    ("opt_class_param", None),
    ("opt_list_param", []),
    ("opt_dict_param", {}),
    ("opt_set_param", frozenset()),
    ("opt_tuple_param", ()),
    ("opt_generator_param", None),
    ("opt_nullable_dict_param", None),
]


def check_of(name: str) -> Callable[..., Any]:
    return getattr(check, name)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "args", "named"), PASSED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_check_passes_the_value_itself(name: str, args: tuple[Any, ...], named: dict[str, Any]) -> None:
    assert check_of(name)(*args, **named) is args[0]


@pytest.mark.parametrize(
    ("name", "args", "named"), REFUSED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_check_refuses(name: str, args: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(check.CheckError):
        check_of(name)(*args, **named)


@pytest.mark.parametrize(("name", "made"), NONE)
def test_none_is_allowed_where_the_name_says_optional(name: str, made: Any) -> None:
    types = (int,) if name == "opt_inst_param" else ()
    assert check_of(name)(None, "x", *types) == made
    with pytest.raises(check.CheckError):
        check_of(name.replace("opt_nullable_", "").replace("opt_", ""))(None, "x", *types)


def test_defaults_stand_for_none() -> None:
    assert check.opt_inst_param(None, "x", int, default=3) == 3
    assert check_of("opt_int_param")(None, "x", 3) == 3
    assert check.opt_not_none(None, 3) == 3 and check.opt_not_none(0, 3) == 0
    assert check.opt_inst(None, int) is None


def test_a_function_tries_again_until_it_has_tried_often_enough() -> None:
    attempts: list[int] = []

    def fails(number: int, *, extra: int) -> None:
        attempts.append(number + extra)
        raise OSError

    with pytest.raises(OSError):
        backoff(fails, (OSError,), args=[1], kwargs={"extra": 2}, max_retries=2, delay_generator=iter([0, 0]))
    assert attempts == [3, 3, 3]
    with pytest.raises(ZeroDivisionError):
        backoff(lambda: 1 / 0, (OSError,))
    delays = backoff_delay_generator()
    assert [next(delays), next(delays), next(delays)] == [0.1, 0.2, 0.4]


def test_files_and_dicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert collections.merge_dicts({"a": 1}, {"a": 2}, {"b": 3}) == {"a": 2, "b": 3}
    assert collections.deep_merge_dicts({"a": {"b": 1}, "c": {"d": 1}}, {"a": {"e": 2}, "c": 3}) == {
        "a": {"b": 1, "e": 2},
        "c": 3,
    }
    assert collections.dict_without_keys({"a": 1, "b": 2}, "a") == {"b": 2}
    file = collections.ensure_file(str(tmp_path / "new" / "file"))
    assert os.path.exists(file)
    with collections.pushd(collections.mkdir_p(str(tmp_path / "x" / "y"))) as folder:
        assert os.path.samefile(os.getcwd(), folder)
    with collections.safe_tempfile_path() as path:
        assert not os.path.exists(path)
        Path(path).touch()
    assert not os.path.exists(path)
    assert os.path.isdir(collections.get_system_temp_directory())
    assert 0 < collections.find_free_port() < 65536
    monkeypatch.setenv("SHOP_STAGE", "prod")
    assert collections.parse_env_var("A=b=c") == ("A", "b=c")
    assert collections.parse_env_var("SHOP_STAGE") == ("SHOP_STAGE", "prod")
    with pytest.raises(Exception, match="NOT_SET"):
        collections.parse_env_var("NOT_SET")


def test_records_are_values() -> None:
    @record.record
    class Point:
        x: int

    @record.record(kw_only=False)
    class Pair:
        x: int

    point = Point(x=1)
    assert record.replace(point, x=2) == Point(x=2) and record.as_dict(point) == {"x": 1}
    assert Pair(1) == Pair(x=1)
    with pytest.raises(AttributeError):
        point.x = 2
    with pytest.raises(TypeError):
        Point(1)


def test_warnings_of_the_peers_kinds_can_be_kept_quiet() -> None:
    @marks.suppress_dagster_warnings
    def quiet(number: int) -> int:
        marks.beta_warning("x")
        return number

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert quiet(3) == 3
        with marks.disable_dagster_warnings():
            marks.deprecation_warning("x", "2.0")
            marks.preview_warning("x")
        with pytest.raises(treadle.BetaWarning, match=r"x is in beta.*soon"):
            marks.beta_warning("x", "soon")
        with pytest.raises(treadle.PreviewWarning):
            marks.preview_warning("x")
        with pytest.raises(DeprecationWarning, match=r"removed in 2\.0"):
            marks.deprecation_warning("x", "2.0")


def test_a_renamed_parameter_takes_its_old_name() -> None:
    assert marks.normalize_renamed_param(1, "new", None, "old") == 1
    assert marks.normalize_renamed_param(None, "new", 2, "old") == 2
    assert marks.normalize_renamed_param(None, "new", 2, "old", str) == "2"
    with pytest.raises(Exception, match="not both"):
        marks.normalize_renamed_param(1, "new", 2, "old")


def test_models_take_their_own_fields_and_do_not_change() -> None:
    class Point(models.DagsterModel):
        x: int

    with pytest.raises(ValueError, match="frozen"):
        Point(x=1).x = 2
    with pytest.raises(ValueError, match="y"):
        Point(x=1, y=2)  # type: ignore[call-arg]
    assert models.safe_is_subclass(Point, models.DagsterModel)
    assert not models.safe_is_subclass(Point, int) and not models.safe_is_subclass(3, int)


def test_today_begins_at_midnight_of_its_time_zone() -> None:
    midnight = testing.today_at_midnight("Asia/Tokyo")
    assert midnight.utcoffset() == timedelta(hours=9)
    assert (midnight.hour, midnight.minute, midnight.second, midnight.microsecond) == (0, 0, 0, 0)
    assert timedelta(0) <= datetime.now(UTC) - midnight < timedelta(hours=24, minutes=1)


def test_a_frozen_clock_decides_which_partitions_there_are() -> None:
    days = treadle.DailyPartitionsDefinition("2026-01-01")
    for now in (
        datetime(2026, 1, 3),
        datetime(2026, 1, 3, tzinfo=UTC),
        datetime(2026, 1, 3, tzinfo=UTC).timestamp(),
    ):
        with testing.freeze_time(now):
            assert days.get_partition_keys() == ["2026-01-01", "2026-01-02"]
    assert len(days.get_partition_keys()) > 2
