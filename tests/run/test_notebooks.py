"""Assets in the cells of a notebook, in a real Jupyter kernel (S3-29)."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

import treadle as dg

SOURCE = Path(dg.__file__).resolve().parents[1]


def run_cells(*sources, tmp_path, monkeypatch):
    """The outputs of each cell, run in order in one kernel."""
    import nbclient
    import nbformat

    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    monkeypatch.setenv("TREADLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTER_ALLOW_INSECURE_WRITES", "1")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbclient.NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    return [cell["outputs"] for cell in notebook.cells]


def text_of(outputs):
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs
    )


@pytest.mark.services
@pytest.mark.filterwarnings("ignore")
def test_cells_define_run_and_redefine_assets(tmp_path, monkeypatch):
    """S3-29"""
    *_, first, _, second, looped, loaded, awaited = run_cells(
        "import treadle as dg",
        "@dg.asset\ndef numbers():\n    print('making numbers')\n    return [1, 2, 3]",
        "@dg.asset\nasync def total(numbers):\n    return sum(numbers)",
        "result = dg.materialize([numbers, total])\nresult",
        "@dg.asset\ndef numbers():\n    return [10]",
        "dg.materialize([numbers, total]).output_for_node('total')",
        "made = [dg.asset(name=f'n{i}')(lambda: i) for i in range(2)]\ndg.materialize(made).success",
        "from treadle import load_assets_from_current_module\n"
        "sorted(k.to_user_string() for a in load_assets_from_current_module() for k in a.keys)",
        "import asyncio\nawait asyncio.sleep(0)\ndg.materialize([numbers, total]).success",
        tmp_path=tmp_path,
        monkeypatch=monkeypatch,
    )
    shown = [output["data"] for output in first if "data" in output]
    assert "making numbers" in text_of(first)
    assert "<table>" in shown[0]["text/html"] and "succeeded" in shown[0]["text/html"]
    assert text_of(second) == "10" and text_of(looped) == "True" and text_of(awaited) == "True"
    assert text_of(loaded) == "['n0', 'n1', 'numbers', 'total']"


class Cells(HTMLParser):
    """The text of each table cell, and every tag."""

    def __init__(self):
        super().__init__()
        self.tags, self.cells = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.cells.append(data)


def test_a_result_is_a_table_of_steps_and_what_users_wrote_is_text():
    @dg.asset
    def one(context):
        context.add_output_metadata({"rows": 3, "note": "<script>alert(1)</script>"})

    @dg.asset_check(asset=one)
    def full():
        return dg.AssetCheckResult(passed=False)

    @dg.asset(deps=[one])
    def two():
        raise ValueError("x")

    @dg.asset(deps=[two])
    def three(): ...

    table = Cells()
    table.feed(dg.materialize([one, two, three, full], raise_on_error=False)._repr_html_())
    assert table.tags <= {"p", "table", "thead", "tbody", "tr", "th", "td"}
    text = " ".join(table.cells)
    for told in (
        "one succeeded",
        "rows = 3; note = <script>alert(1)</script>",
        "check full: FAILED",
        "two failed",
        "three not run",
    ):
        assert told in text, text


def test_partitions_are_told():
    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
    def one(): ...

    assert "one [a]" in dg.materialize([one], partition_key="a")._repr_html_()
