"""What the command line does when nobody can read what it prints."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Project
from tests.repository.source_tree import PACKAGE

CODE = "import treadle as dg\n\n@dg.asset\ndef x() -> int:\n    return 1\n"


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "TREADLE_HOME": str(folder / "home")}
    treadle = f"{sys.executable} -m treadle.cli.main"
    return subprocess.run(
        ["sh", "-c", command.replace("treadle", treadle, 1)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ok.py").write_text(CODE)
    return tmp_path


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_run_succeeds_although_its_output_can_not_be_written(folder: Path) -> None:
    done = shell("treadle materialize -f ok.py -a x >/dev/full", folder)
    assert "Traceback" not in done.stderr
    assert "can not be written" in done.stderr
    assert done.returncode == 0
    assert "Succeeded" in shell("treadle runs", folder).stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_list_that_can_not_be_written_fails_in_one_line(folder: Path) -> None:
    done = shell("treadle list -f ok.py >/dev/full", folder)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and "can not be written" in done.stderr


@pytest.mark.parametrize(
    "command", ["materialize -f ok.py -a x", "list -f ok.py", "version", "check -f ok.py"]
)
def test_without_standard_output_commands_work_and_print_nothing(command: str, folder: Path) -> None:
    done = shell(f"treadle {command} >&-", folder)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_leaves_does_not_fail_the_run(folder: Path) -> None:
    shell("treadle materialize -f ok.py -a x | true", folder)
    assert "Succeeded" in shell("treadle runs", folder).stdout


def test_a_reader_that_leaves_a_list_is_told_of_as_other_tools_do(folder: Path) -> None:
    many = "".join(f"@dg.asset\ndef a{number}(): ...\n" for number in range(3000))
    (folder / "many.py").write_text("import treadle as dg\n" + many)
    listed = shell("{ treadle list -f many.py; echo $? >code; } | head -n 1", folder)
    assert (folder / "code").read_text().strip() == "141"
    assert listed.stderr == ""


def test_definitions_that_end_the_process_do_not_load(folder: Path) -> None:
    (folder / "ends.py").write_text(CODE + "\nraise SystemExit(0)\n")
    for command in ("check -f ends.py", "materialize -f ends.py -a x"):
        done = shell(f"treadle {command}", folder)
        assert done.returncode == 3
        assert "SystemExit" in done.stderr and "ends.py:7" in done.stderr


@pytest.mark.parametrize("executor", ["in-process", "threads", "processes"])
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_run_survives_code_that_closes_its_streams(executor: str, stream: str, folder: Path) -> None:
    (folder / "closes.py").write_text(
        f"import sys\nimport treadle as dg\n\n@dg.asset\ndef x() -> int:\n    sys.{stream}.close()\n    return 1\n"
    )
    done = shell(f"treadle materialize -f closes.py -a x --executor {executor}", folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "SUCCESS run" in done.stdout


def test_commands_do_not_pass_on_what_only_authors_can_mend(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        "beta.py",
        "import treadle as dg\n@dg.observable_source_asset\ndef source(): return dg.DataVersion('1')\n",
    )
    assert project.process("check", "-f", "beta.py").err == ""
    monkeypatch.setenv("PYTHONWARNINGS", "default")
    assert "BetaWarning" in project.process("check", "-f", "beta.py").err


@pytest.mark.parametrize("executor", ["in-process", "threads"])
@pytest.mark.parametrize("how", ["print('words')", "pass"])
def test_a_step_that_closes_the_standard_descriptors_does_not_silence_the_command(
    how: str, executor: str, folder: Path
) -> None:
    (folder / "closes.py").write_text(
        "import os\nimport treadle as dg\n@dg.asset\ndef closes() -> int:\n"
        f"    os.close(1); os.close(2); {how}\n    return 1\n"
        "@dg.asset\ndef after(closes) -> int:\n    print('heard')\n    return closes\n"
    )
    done = shell(f"treadle materialize -f closes.py --select '*' --executor {executor}", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "closes done in" in done.stdout and "heard" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("SUCCESS run ")
    kept = {path.name: path.read_text() for path in folder.rglob("*.out")}
    assert kept["after.out"] == "heard\n"
    assert kept.get("closes.out", "words\n") == "words\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("executor", ["in-process", "processes"])
def test_a_run_does_not_depend_on_the_characters_that_the_output_has(
    folder: Path, encoding: str, executor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Windows code page in a pipe, an old locale: what a step logs, prints and raises there is escaped."""
    (folder / "signs.py").write_text(
        "import treadle as dg\n"
        "@dg.asset(description='fertig ✓')\n"
        "def said(context) -> None:\n"
        "    context.log.info('fertig ✓ 日本')\n"
        "    print('gedruckt ✓ 日本')\n"
        "@dg.asset\n"
        "def failed() -> None:\n"
        "    raise ValueError('kaputt ✗ 日本')\n"
        "@dg.asset\n"
        "def after() -> None: ...\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    done = shell(f"treadle materialize -f signs.py --select '*' --executor {executor}", folder)
    output = done.stdout + done.stderr
    assert done.returncode == 1 and "2 assets, 1 step failed" in output
    assert "kaputt \\u2717" in output and "UnicodeEncodeError" not in output
    listed = shell("treadle list -f signs.py --json", folder)
    assert listed.returncode == 0
    assert {row["description"] for row in json.loads(listed.stdout)} >= {"fertig ✓"}


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_a_terminal_that_nobody_sized_cuts_nothing(folder: Path) -> None:
    ours, theirs = os.openpty()
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "TREADLE_HOME": str(folder / "home")}
    environment.pop("COLUMNS", None)
    command = [sys.executable, "-m", "treadle.cli.main", "list", "-f", "ok.py"]
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=theirs, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0 and "Never materialized" in shown


CLOSES = """
import os, sys
import treadle as dg

@dg.asset
def closes():
    {how}

@dg.asset
def prints(closes):
    print("still heard")
"""


@pytest.mark.parametrize(
    "how",
    ["sys.stdout.close(); sys.stderr.close()", "sys.stdout = sys.stderr = None"],
)
@pytest.mark.parametrize("executor", ["in-process", "threads", "processes"])
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_step_that_closes_its_streams_does_not_silence_the_next(
    project: Project, how: str, executor: str, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if executor != "processes" and start == "spawn":
        pytest.skip("starts no processes")
    monkeypatch.setenv("TREADLE_START_METHOD", start)
    project.write("closes.py", CLOSES.format(how=how))
    done = project.process(
        "materialize", "-f", "closes.py", "--select", "*", "--executor", executor, "--max-concurrent", "1"
    )
    assert done.code == 0 and "Traceback" not in done.err, done
    assert "SUCCESS run" in done.out
    if executor != "threads" or "None" not in how:  # there it is gone for all threads
        assert any("still heard" in path.read_text() for path in project.folder.rglob("prints.out"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
@pytest.mark.parametrize("executor", ["in-process", "threads"])
def test_a_step_that_closes_descriptors_that_are_not_its_own_fails_nothing_with_a_traceback(
    project: Project, executor: str
) -> None:
    how = """
    for each in os.listdir("/proc/self/fd"):
        place = f"/proc/self/fd/{each}"
        if int(each) > 2 and os.path.exists(place) and not os.readlink(place).endswith((".db", "-wal", "-shm")):
            os.close(int(each))
    """
    project.write("closes.py", CLOSES.format(how=how))
    done = project.process("materialize", "-f", "closes.py", "--select", "*", "--executor", executor)
    assert "Traceback" not in done.err
    assert done.code == 0
    assert "SUCCESS" in project.treadle("runs", "latest", "--json").out


@pytest.mark.parametrize("executor", ["in-process", "threads", "processes"])
def test_a_document_for_machines_stands_alone_whatever_user_code_prints(folder: Path, executor: str) -> None:
    (folder / "talks.py").write_text(
        "import os, subprocess\n"
        "import treadle as dg\n"
        "print('imported')\n"
        "@dg.asset\n"
        "def talks() -> None:\n"
        "    print('printed')\n"
        "    os.write(1, b'written')\n"
        "    subprocess.run(['echo', 'echoed'], check=True)\n"
    )
    done = shell(f"treadle materialize -f talks.py -a talks --executor {executor} --json", folder)
    assert json.loads(done.stdout)["status"] == "SUCCESS"
    assert "imported" in done.stderr and "printed" in done.stderr
    assert json.loads(shell("treadle list -f talks.py --json", folder).stdout)[0]["key"] == "talks"
    helped = shell("treadle list --json --help", folder)
    assert helped.stdout.startswith("Usage: treadle list")
