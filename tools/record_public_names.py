"""Writes `__init__.pyi` from the table of public names and records new names for the test that guards them.

Names are added only: one that is gone has to be taken out of the recorded list by hand.
"""

from pathlib import Path

from treadle import _public_names

root = Path(__file__).resolve().parents[1]
(root / "src" / "treadle" / "__init__.pyi").write_text(_public_names.stub_text(), encoding="utf-8")

recorded_file = root / "tests" / "data" / "public_names.txt"
recorded = set(recorded_file.read_text("utf-8").split()) if recorded_file.exists() else set()
names = recorded | set(_public_names.name_table())
recorded_file.write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")
print(f"{len(names)} public names, {len(names - recorded)} of them new")
