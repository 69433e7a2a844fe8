"""Parts of automation conditions by the peer's names."""

import copy
import pickle
from dataclasses import dataclass, field
from typing import Any

import pytest

import treadle as dg
from treadle import AutomationCondition

MISSING, FAILED, CHANGED = (
    AutomationCondition.missing(),
    AutomationCondition.execution_failed(),
    AutomationCondition.code_version_changed(),
)


def test_what_is_joined_are_operands():
    assert (MISSING & FAILED).operands == [MISSING, FAILED]
    assert (MISSING & FAILED & CHANGED).operands == [MISSING, FAILED, CHANGED]
    assert (MISSING | (FAILED & CHANGED)).operands == [MISSING, FAILED & CHANGED]
    assert len(AutomationCondition.eager().operands) == 5


@pytest.mark.parametrize(
    "over",
    [
        ~MISSING,
        MISSING.newly_true(),
        AutomationCondition.any_deps_match(MISSING),
        AutomationCondition.all_checks_match(MISSING),
    ],
)
def test_what_is_over_one_condition_has_an_operand(over):
    assert over.operand == MISSING


def test_since_has_a_trigger_and_a_reset():
    since = MISSING.since(FAILED)
    assert (since.trigger_condition, since.reset_condition) == (MISSING, FAILED)


@pytest.mark.parametrize(
    ("condition", "name"),
    [(MISSING, "operands"), (~MISSING, "operands"), (MISSING & FAILED, "operand"), (MISSING, "opernds")],
)
def test_other_names_are_no_attributes(condition, name):
    assert not hasattr(condition, name)
    with pytest.raises(AttributeError, match=name):
        getattr(condition, name)


def test_conditions_are_still_copied_and_pickled():
    both = MISSING & FAILED
    assert pickle.loads(pickle.dumps(both)) == copy.deepcopy(both) == both


def test_a_subclass_may_have_fields_so_called():
    @dataclass(frozen=True)
    class Wrapping(dg.AutomationCondition):
        operands: list[Any] = field(default_factory=list)
        operand: Any = None

    assert Wrapping(operands=[MISSING], operand=1).operands == [MISSING]
