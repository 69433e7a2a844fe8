"""What is wrong with definitions and runs is shown whole: codes, places, no empty tracebacks."""

from tests.cli.conftest import Project


def test_a_duplicate_key_hides_no_other_problem(project: Project) -> None:
    path = project.write(
        "wrong.py",
        "import treadle as dg\n@dg.asset\ndef a(b): ...\n@dg.asset\ndef b(a): ...\n"
        "@dg.asset(name='c')\ndef c1(nothing): ...\n@dg.asset(name='c')\ndef c2(): ...\n"
        "@dg.asset(required_resource_keys={'db'})\ndef d(): ...\n",
    )
    checked = project.treadle("check", "-f", "wrong.py")
    refused = project.treadle("materialize", "-f", "wrong.py", "-a", "a")
    assert (checked.code, refused.code) == (1, 3)
    for said in (checked.out, refused.err):
        for code in ("duplicate-key", "unknown-input", "dependency-cycle", "unknown-resource"):
            assert f"error[{code}]" in said
        assert f"{path}:7 and {path}:9" in said


def test_a_wrong_cron_is_told_with_its_code_and_place(project: Project) -> None:
    path = project.write(
        "cron.py", "import treadle as dg\ns = dg.ScheduleDefinition(job_name='j', cron_schedule='* *')\n"
    )
    for command in ("check", "materialize"):
        refused = project.treadle(command, "-f", "cron.py")
        assert refused.code == 3
        assert "error[" in refused.err
        assert f"at {path}:2" in refused.err
        assert "hint: " in refused.err


def test_an_error_without_a_frame_of_the_user_has_no_empty_traceback(project: Project) -> None:
    project.write(
        "meta.py",
        "import treadle as dg\n@dg.asset\ndef made(context): context.add_output_metadata({'x': object()})\n",
    )
    failed = project.treadle("materialize", "-f", "meta.py", "-a", "made", "--executor", "in-process")
    assert failed.code == 1
    assert "InvalidMetadataError" in failed.out
    assert "Traceback" not in failed.out or "meta.py" in failed.out


def test_a_clash_of_loaded_modules_is_told_with_everything_else(project: Project) -> None:
    project.write("part/__init__.py", "")
    for name in ("one", "two"):
        project.write(f"part/{name}.py", "import treadle as dg\n@dg.asset\ndef orders(nothing): ...\n")
    project.write(
        "defs.py",
        "import treadle as dg\nfrom part import one, two\n"
        "defs = dg.Definitions(assets=dg.load_assets_from_modules([one, two]))\n",
    )
    checked = project.treadle("check", "-f", "defs.py")
    refused = project.treadle("list", "-f", "defs.py")
    assert (checked.code, refused.code) == (1, 3)
    for said in (checked.out, refused.err):
        assert "error[duplicate-key]" in said
        assert "error[unknown-input]" in said
        assert f"{project.folder}/part/one.py:3 and {project.folder}/part/two.py:3" in said


def test_metadata_that_can_not_be_stored_is_told_with_the_line_that_added_it(project: Project) -> None:
    path = project.write(
        "meta.py",
        "import treadle as dg\n@dg.asset\ndef made(context):\n"
        "    context.add_output_metadata({'fine': 1})\n"
        "    context.add_output_metadata({'x': object()})\n    return 1\n"
        "@dg.asset\ndef told(context):\n    context.add_asset_metadata({'y': object()})\n",
    )
    failed = project.treadle("materialize", "-f", "meta.py", "--select", "*", "--executor", "in-process")
    assert f"at {path}:5" in failed.out
    assert f"at {path}:9" in failed.out
    assert f"at {path}:3" not in failed.out


def test_a_clash_of_loaded_modules_hides_no_warning(project: Project) -> None:
    project.write("part/__init__.py", "")
    for name in ("one", "two"):
        text = "import treadle as dg\n@dg.asset(deps=['nobodys'])\ndef orders(): ...\n"
        project.write(f"part/{name}.py", text)
    project.write(
        "defs.py",
        "import treadle as dg\nfrom part import one, two\n"
        "defs = dg.Definitions(assets=dg.load_assets_from_modules([one, two]))\n",
    )
    project.write(
        "strict.py",
        "import treadle as dg\nfrom part import one\n"
        "defs = dg.Definitions(assets=dg.load_assets_from_modules([one]), strict=True)\n",
    )
    for options in ((), ("--strict",)):
        checked = project.treadle("check", "-f", "defs.py", *options)
        assert checked.code == 1
        assert "error[duplicate-key]" in checked.out
        assert "warning[unknown-dep]" in checked.out
        assert "info[" not in checked.out
    assert "warning[unknown-dep]" in project.treadle("check", "-f", "strict.py").out


def test_a_wrong_setting_of_the_executor_hides_no_other_problem_of_the_config(project: Project) -> None:
    project.write(
        "config.py",
        "import treadle as dg\nclass C(dg.Config): n: int\nclass R(dg.ConfigurableResource): u: int\n"
        "@dg.asset\ndef cf(config: C): ...\n@dg.asset\ndef rr(r: R): ...\n"
        "defs = dg.Definitions([cf, rr], resources={'r': R.configure_at_launch()},"
        " jobs=[dg.define_asset_job('j')])\n",
    )
    wrong = (
        '{"ops": {"cf": {"config": {"n": "q"}}}, "resources": {"r": {"config": {"u": "x"}}},'
        ' "execution": {"config": {"x": 1}}, "foo": 1}'
    )
    for command in (("materialize", "--select", "cf,rr"), ("job", "execute", "-j", "j")):
        refused = project.treadle(*command, "-f", "config.py", "--config-json", wrong)
        assert refused.code == 2
        assert "invalid run config: 4 errors" in refused.err
        for place in ("root: unknown field `foo`", "root:ops:cf:config:n:", "root:resources:r:config:u:"):
            assert place in refused.err
        assert "root:execution:config: unknown field `x`" in refused.err


def test_code_knows_when_it_is_only_checked(project: Project) -> None:
    project.write(
        "gated.py",
        "import os\nimport treadle as dg\n"
        "if os.environ.get('DAGSTER_IS_DEFS_VALIDATION_CLI') != '1':\n    raise RuntimeError('wants the service')\n"
        "defs = dg.Definitions()\n",
    )
    assert project.treadle("definitions", "validate", "-f", "gated.py").code == 0
    assert project.treadle("check", "-f", "gated.py").code == 0
    assert project.treadle("list", "-f", "gated.py").code == 3
