"""Which names outside of itself a function reads, from its bytecode: nothing is imported, called or parsed."""

import dis
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType
from typing import Final

_GLOBAL: Final = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
_FREE: Final = frozenset({"LOAD_DEREF", "LOAD_CLASSDEREF"})


@lru_cache(maxsize=4096)
def globals_read(code: CodeType) -> frozenset[str]:
    """Names of the module that the code, or a function inside it, reads; attributes of that name do not count."""
    return frozenset(
        instruction.argval
        for inner in with_inner(code)
        for instruction in dis.get_instructions(inner)
        if instruction.opname in _GLOBAL
    )


@lru_cache(maxsize=4096)
def free_names_read(code: CodeType) -> frozenset[str]:
    """Variables of the function around it that the code, or a function inside it, reads."""
    return frozenset(
        instruction.argval
        for inner in with_inner(code)
        for instruction in dis.get_instructions(inner)
        if instruction.opname in _FREE
    ).intersection(code.co_freevars)


def with_inner(code: CodeType) -> Iterator[CodeType]:
    """The code, and that of every function, comprehension and class body in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from with_inner(constant)


@lru_cache(maxsize=4096)
def returns_a_value(code: CodeType) -> bool:
    """False where every way out of the function is a plain `return`, `return None` or the end of its text."""
    if code.co_flags & (0x20 | 0x200):  # generators return nothing
        return False
    before = None
    for instruction in dis.get_instructions(code):
        if instruction.opname == "RETURN_CONST" and instruction.argval is not None:
            return True
        if instruction.opname == "RETURN_VALUE" and not (
            before is not None and before.opname == "LOAD_CONST" and before.argval is None
        ):
            return True
        before = instruction
    return False
