"""poc2prod new: answers, own data, git, and what is printed."""

from __future__ import annotations

import json
import os
import select
import shlex
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Command, tree
from table import COLUMNS, customers

from poc2prod import collect
from poc2prod.cli import console


def git(*arguments: str, folder: str | Path = "churn") -> str:
    """What git prints inside a folder."""
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def toml(path: str | Path) -> dict[str, Any]:
    """A parsed TOML file."""
    return tomllib.loads(Path(path).read_text(encoding="utf-8"))


@pytest.fixture
def table(home: Path) -> str:
    """The table of customers, under a name with a space and an umlaut."""
    return str(customers(home.parent / "Kunden für 2023.csv"))


REFUSED = {
    "unknown key": (
        ("--set", "lisence=MIT"),
        "There is no setting 'lisence'. Did you mean license? There are: project_name, package, description, "
        "author_name, author_email, demo, scope, python_version, license.",
    ),
    "bad choice": (
        ("--set", "demo=bikes"),
        "demo cannot be 'bikes'. Did you mean bikeshare? Choose from: employment, bikeshare, none.",
    ),
    "no pair": (("--set", "MIT"), "--set MIT: write KEY=VALUE, for instance --set license=MIT."),
    "taken name": (
        ("--set", "package=class"),
        "package: 'class' is the name of a part of Python or of a library that the project uses. "
        "Take another: --set package=class_project",
    ),
    "no letter": (
        ("--set", "project_name=🎉"),
        "package: the project's name has no letter to make a name of lower-case letters a-z, digits and _, "
        "a letter first, 64 at most. Give one: --set package=NAME",
    ),
    "target without data": (("--target", "x"), "--target is about a table: give it with --data FILE."),
    "commit without data": (
        ("--commit-data",),
        "--commit-data is about your own table: give --data FILE, or --set demo=none.",
    ),
    "missing file": (("--data", "gone.csv", "--target", "x"), "--data gone.csv is not there."),
    "folder": (
        ("--data", "..", "--target", "x"),
        "--data .. is a folder without tables: .csv, .csv.gz, .tsv, .tsv.gz, .txt, .txt.gz, .parquet.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_call_names_what_is_allowed(poc2prod: Command, case: str) -> None:
    """Exit 2, one sentence, nothing made."""
    options, said = REFUSED[case]
    ended = poc2prod("new", "churn", "--no-input", *options)
    assert (ended.code, ended.out, ended.err) == (2, "", f"error: {said}\n")
    assert list(Path.cwd().iterdir()) == []


WRONG = {
    "target": (
        ("--target", "churn"),
        f"--target: the table has no column 'churn'. Did you mean churned? It has: {', '.join(COLUMNS)}.",
    ),
    "group": (
        ("--target", "churned", "--group", "X"),
        f"--group: the table has no column 'X'. It has: {', '.join(COLUMNS)}.",
    ),
    "no target": (
        (),
        f"Say which column is to be predicted: --target COLUMN. The table has: {', '.join(COLUMNS)}.",
    ),
    "target as id": (
        ("--target", "churned", "--id", "churned"),
        "--id and --target are both 'churned': the target cannot be used as an input.",
    ),
    "time": (
        ("--target", "churned", "--time", "plan"),
        "--time: plan is category, not a date: name a column of dates.",
    ),
    "binary": (
        ("--target", "plan", "--outcome", "binary"),
        "--outcome binary: plan has 3 distinct values, not 2.",
    ),
    "regression": (
        ("--target", "plan", "--outcome", "regression"),
        "--outcome regression: plan is category, not a number.",
    ),
    "demo too": (
        ("--target", "churned", "--set", "demo=bikeshare"),
        "--data and demo=bikeshare exclude each other: leave one out.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_column_names_those_that_are(poc2prod: Command, table: str, case: str) -> None:
    """Exit 2 with the columns and the nearest match; nothing made."""
    options, said = WRONG[case]
    ended = poc2prod("new", "churn", "--no-input", "--data", table, *options)
    assert (ended.code, ended.out, ended.err) == (2, "", f"error: {said}\n")
    assert list(Path.cwd().iterdir()) == []


def test_a_target_that_stands_twice_is_refused(poc2prod: Command) -> None:
    """Which of two columns of one name is meant cannot be guessed."""
    Path("twice.csv").write_text("a,y,y\n1,0,1\n2,1,0\n", encoding="utf-8")
    ended = poc2prod("new", "churn", "--no-input", "--data", "twice.csv", "--target", "y")
    said = "error: --target: more than one column is called 'y', so which one is meant is not clear. "
    assert (ended.code, ended.err.startswith(said), Path("churn").exists()) == (2, True, False)


def test_own_data_is_copied_and_described(poc2prod: Command, table: str) -> None:
    """The file byte for byte; its dialect, roles and outcome in params.toml; its columns in schema.toml."""
    options = ("--target", "churned", "--id", "customer", "--time", "joined", "--sensitive", "city")
    assert poc2prod("new", "churn", "--no-input", "--no-git", "--data", table, *options).code == 0
    copy = "data/raw/Kunden_f_r_2023.csv"
    assert (Path("churn") / copy).read_bytes() == Path(table).read_bytes()
    params = toml("churn/params.toml")
    found = {key: value for key, value in params["data"].items() if key != "population"}
    assert (found, {key: params["problem"][key] for key in ("outcome", "positive", "metric")}) == (
        {
            "files": [copy],
            "separator": ";",
            "encoding": "cp1252",
            "decimal": ",",
            "target": "churned",
            "id": "customer",
            "time": "joined",
            "group": "",
            "sensitive": ["city"],
            "exclude": [],
            "origin": "Kunden für 2023.csv",
        },
        {"outcome": "binary", "positive": "yes", "metric": "roc_auc"},
    )
    assert [column["name"] for column in toml("churn/schema.toml")["column"]] == list(COLUMNS)


def test_the_first_screen_says_what_was_read(poc2prod: Command, table: str) -> None:
    """In a pipe: no colour, one line a statement; the target with its reason; what to type next."""
    options = ("--target", "churned", "--id", "customer", "--time", "joined")
    ended = poc2prod("new", "churn", "--no-input", "--no-git", "--data", table, *options)
    lines = ended.out.splitlines()
    assert lines[:2] == [
        "Read Kunden für 2023.csv: 240 rows, 6 columns; separator semicolon; encoding cp1252 "
        "(a guess; where letters look wrong, pass --encoding); decimal comma.",
        "Target churned: binary. churned has two values, no and yes; yes counts as positive. "
        "(Change it with --outcome.)",
    ]
    assert lines[-5].startswith(
        "  data/raw/Kunden_f_r_2023.csv is your file, byte for byte, left out of git."
    )
    assert lines[-3:] == ["Next:", "  cd churn", lines[-1]]
    assert ("\x1b" in ended.out, ended.err) == (False, "")


def test_ids_that_repeat_become_the_group(poc2prod: Command, home: Path) -> None:
    """A named id that repeats keeps rows together; rows are then named by their content."""
    path = customers(home.parent / "k.csv")
    path.write_bytes(path.read_bytes() + b"K0007;01.01.2023;pro;9,99;Basel;no\r\n")
    ended = poc2prod(
        "new", "churn", "--no-input", "--data", str(path), "--target", "churned", "--id", "customer"
    )
    data = toml("churn/params.toml")["data"]
    assert (data["id"], data["group"]) == ("", "customer")
    said = "customer repeats (1 row), so it is taken as the group that must not be split, "
    assert said + "and a row's id is the hash of its content." in ended.out.splitlines()


@pytest.mark.usefixtures("identity")
@pytest.mark.parametrize("commit", [False, True])
def test_rows_are_committed_only_on_demand(poc2prod: Command, table: str, commit: bool) -> None:
    """The table is in the first commit with --commit-data, and otherwise ignored."""
    extra = ["--commit-data"] if commit else []
    assert poc2prod("new", "churn", "--no-input", "--data", table, "--target", "churned", *extra).code == 0
    raw = [path for path in git("ls-files").splitlines() if path.startswith("data/")]
    assert (raw, git("status", "--porcelain")) == (["data/raw/Kunden_f_r_2023.csv"] if commit else [], "")


def test_parquet_is_copied_unread(poc2prod: Command, home: Path) -> None:
    """Without a reader for it, a parquet file is copied, pyarrow is required, and that is said."""
    path = home.parent / "t.parquet"
    path.write_bytes(b"PAR1 whatever PAR1")
    ended = poc2prod("new", "churn", "--no-input", "--no-git", "--data", str(path), "--target", 'a "b"')
    assert ended.out.splitlines()[0].startswith("A parquet file is copied without being read")
    assert Path("churn/data/raw/t.parquet").read_bytes() == b"PAR1 whatever PAR1"
    assert toml("churn/params.toml")["data"]["target"] == 'a "b"'
    assert "pyarrow>=15" in toml("churn/pyproject.toml")["project"]["dependencies"]


NAMES = {
    "a b.csv": "a_b.csv",
    "../x.CSV": "x.csv",
    "çé.csv.gz": "table.csv.gz",
    "con.csv": "table_con.csv",
    "-rf.tsv": "rf.tsv",
    "$(x).csv": "x.csv",
}


def test_names_of_files_become_safe() -> None:
    """Every system can hold the copy's name, and no shell or glob minds it."""
    assert {name: collect.safe_name(name) for name in NAMES} == NAMES


@pytest.mark.usefixtures("identity")
def test_the_first_commit_holds_the_project(poc2prod: Command, home: Path) -> None:
    """One commit by the user, everything in it, whatever hooks, templates and signing the user has set up."""
    hooks = home / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (hooks / "pre-commit").chmod(0o755)
    with (home / ".gitconfig").open("a", encoding="utf-8") as file:
        file.write(f"[core]\nhooksPath = {hooks}\nexcludesFile = {home}/ignore\n[commit]\ngpgsign = true\n")
        file.write("[init]\ndefaultBranch = trunk\n")
    (home / "ignore").write_text("*.toml\n", encoding="utf-8")
    ended = poc2prod("new", "churn", "--no-input")
    assert ended.out.splitlines()[0].endswith("files, in a git repository with a first commit.")
    assert sorted(git("ls-files").splitlines()) == sorted(tree(Path("churn")))
    assert git("log", "--format=%an <%ae> %s on %D").strip() == (
        "Ada <ada@example.org> Start churn with poc2prod 0.1.0 on HEAD -> trunk"
    )
    assert toml("churn/pyproject.toml")["project"]["authors"] == [{"name": "Ada", "email": "ada@example.org"}]


def test_without_an_identity_the_commit_is_left_to_the_user(poc2prod: Command) -> None:
    """A repository with all files added, no commit, and what to type."""
    ended = poc2prod("new", "churn", "--no-input")
    lines = ended.out.splitlines()
    assert (ended.code, lines[1]) == (0, "  No first commit: git does not know who you are.")
    assert lines[lines.index("Next:") + 1 : -1] == [
        "  cd churn",
        '  git config --global user.name "Your Name"',
        "  git config --global user.email you@example.org",
        '  git commit -m "First commit"',
    ]
    assert sorted(git("ls-files").splitlines()) == sorted(tree(Path("churn")))


def test_without_git_the_project_is_made(poc2prod: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """No git on PATH: no repository, and that is said."""
    monkeypatch.setenv("PATH", "")
    ended = poc2prod("new", "churn", "--no-input")
    said = "  No repository: git was not found; once it is installed: git init."
    assert (ended.code, ended.out.splitlines()[1], Path("churn/.git").exists()) == (0, said, False)


@pytest.mark.usefixtures("identity")
def test_inside_a_repository_no_other_is_made(poc2prod: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The outer repository is named and left alone, even where GIT_DIR points elsewhere."""
    git("init", "--quiet", folder=".")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    ended = poc2prod("new", "churn", "--no-input")
    said = f"  No repository: it is inside the repository {Path.cwd()}: add it there."
    assert (ended.code, ended.out.splitlines()[1], Path("churn/.git").exists()) == (0, said, False)


def test_answers_from_a_file_are_overruled_by_set(poc2prod: Command) -> None:
    """--set over --answers over DIRECTORY over the template's defaults."""
    Path("a.toml").write_text(
        'license = "BSD-3-Clause"\ndemo = "bikeshare"\npython_version = "3.12"\n', encoding="utf-8"
    )
    options = ("--answers", "a.toml", "--set", "python_version=3.13", "--no-git", "--no-input")
    assert poc2prod("new", "My bikes", *options).code == 0
    record = json.loads(Path("My bikes/.poc2prod/template.json").read_text(encoding="utf-8"))["answers"]
    asked = ("project_name", "package", "license", "demo", "python_version")
    assert [record[key] for key in asked] == ["My bikes", "my_bikes", "BSD-3-Clause", "bikeshare", "3.13"]


def test_answers_that_are_no_text_are_refused(poc2prod: Command) -> None:
    """A number in the answers file is named, with how to write it."""
    Path("a.toml").write_text("python_version = 3.12\n", encoding="utf-8")
    ended = poc2prod("new", "x", "--answers", "a.toml", "--no-input")
    assert (ended.code, ended.err) == (
        2,
        'error: a.toml: python_version is not text: write it in quotes, python_version = "…".\n',
    )


def test_without_directory_the_package_names_the_folder(poc2prod: Command) -> None:
    """`new --set package=x` makes ./x."""
    assert poc2prod("new", "--no-input", "--no-git", "--set", "package=x").code == 0
    assert [path.name for path in Path.cwd().iterdir()] == ["x"]


@pytest.mark.parametrize(
    ("name", "package"), [("Größe & Zahl", "grosse_zahl"), ("numpy", "numpy_project"), ("3d", "project_3d")]
)
def test_a_package_is_made_of_any_name(poc2prod: Command, name: str, package: str) -> None:
    """Letters of other scripts are spelled in ASCII; taken names and leading digits are mended."""
    ended = poc2prod("new", name, "--dry-run", "--json")
    assert (ended.code, json.loads(ended.out)["answers"]["package"]) == (0, package)


def test_without_a_terminal_nothing_is_asked(poc2prod: Command) -> None:
    """No terminal on stdin: the defaults are taken, and that is said."""
    ended = poc2prod("new", "x", "--no-git")
    first = "No terminal to ask at: taking the defaults, as with --no-input.\n"
    assert (ended.code, ended.err, ended.out.startswith(first)) == (0, "", True)


def test_json_is_one_object(poc2prod: Command, table: str) -> None:
    """--json prints one versioned object and nothing else."""
    ended = poc2prod("new", "churn", "--json", "--no-git", "--data", table, "--target", "churned")
    found = json.loads(ended.out)
    assert (found["schema"], found["made"], found["directory"], ended.err) == (
        1,
        True,
        str(Path.cwd() / "churn"),
        "",
    )
    assert found["files"] == sorted(tree(Path("churn")))
    assert (found["data"]["outcome"], found["data"]["separator"], found["data"]["rows"]) == (
        "binary",
        ";",
        240,
    )


def test_data_cannot_steer_the_terminal() -> None:
    """Control characters of a column name or a cell are spelled out."""
    assert console.clean("a\x1b[2Jb\r") == "a\\x1b[2Jb\\x0d"


@pytest.mark.skipif(os.name == "nt", reason="pty of POSIX")
def test_lines_fit_the_terminal(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """On a terminal a paragraph is wrapped to its width and indented under its first word."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    console.say("one two three four five six seven eight nine ten", indent=2, first="1. ", bold=True)
    assert capfd.readouterr().out == "  1. one two three four five six seven\n     eight nine ten\n"


@pytest.mark.usefixtures("identity")
def test_in_a_repository_the_workflow_is_written_at_its_root(poc2prod: Command) -> None:
    """Each job that checks out runs in the project's folder; what is there already stays, and is said."""
    git("init", "--quiet", folder=".")
    assert poc2prod("new", "ml/churn", "--no-input").code == 0
    inside = yaml.safe_load(Path("ml/churn/.github/workflows/ci.yml").read_text(encoding="utf-8"))
    root = yaml.safe_load(Path(".github/workflows/churn.yml").read_text(encoding="utf-8"))
    assert (root["defaults"], root["jobs"].keys()) == (
        {"run": {"working-directory": "ml/churn"}},
        inside["jobs"].keys(),
    )
    assert root["jobs"]["lint"]["env"]["PYTHONPATH"] == "${{ github.workspace }}/ml/churn/src"
    assert root["jobs"]["gate-notice"]["steps"][0]["working-directory"] == "."
    paths = [
        step["with"]["path"]
        for job in root["jobs"].values()
        for step in job["steps"]
        if "path" in step.get("with", {})
    ]
    assert [path for path in paths if not path.startswith("ml/churn")] == []
    updates = yaml.safe_load(Path(".github/dependabot.yml").read_text(encoding="utf-8"))["updates"]
    assert {one["directory"] for one in updates} == {"/ml/churn"}
    before = Path(".github/dependabot.yml").read_bytes()
    out = poc2prod("new", "ml/other", "--no-input").out
    assert "dependabot.yml is there already: add what ml/other/.github/dependabot.yml says:" in out
    assert '        directory: "/ml/other"' in out
    assert Path(".github/dependabot.yml").read_bytes() == before


@pytest.mark.usefixtures("identity")
def test_ignore_rules_from_outside_are_said(poc2prod: Command, home: Path) -> None:
    """A rule of the user's own and one of a folder above; the line that is proposed undoes each."""
    with (home / ".gitconfig").open("a", encoding="utf-8") as file:
        file.write(f"[core]\nexcludesFile = {home}/ignore\n")
    (home / "ignore").write_text("*.json\n", encoding="utf-8")
    git("init", "--quiet", folder=".")
    Path(".gitignore").write_text("docs/\n", encoding="utf-8")
    out = poc2prod("new", "churn", "--no-input").out
    assert f"{home}/ignore, line 1 (*.json) hides " in out
    assert ".gitignore, line 1 (docs/) hides " in out
    assert out.count("add this line to .gitignore of the project: !") == 2
    with Path("churn/.gitignore").open("a", encoding="utf-8") as file:
        file.write("!*.json\n!docs/\n")
    git("add", "churn", folder=".")
    listed = git("ls-files", "churn", folder=".").splitlines()
    assert {"churn/.poc2prod/template.json", "churn/docs/problem.md"} <= set(listed)


def leaking(folder: Path) -> Path:
    """A table with an id, a date and a column that tells the target, in a folder whose name has a space."""
    lines = ["key,day,amount,closed,churned"]
    for row in range(300):
        gone = row * 7 % 3 == 0
        day = f"2023-{row // 28 % 12 + 1:02d}-{row % 28 + 1:02d}"
        lines.append(f"K{row:04d},{day},{row * 37 % 101},{'yes' if gone else 'no'},{int(gone)}")
    (folder / "my data").mkdir()
    path = folder / "my data" / "c.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


SETTLED = {"id": "key", "time": "day", "group": "", "exclude": ["closed"]}


def roles_of(project: str) -> dict[str, Any]:
    """The roles in a project's params.toml that can be proposed."""
    return {key: toml(f"{project}/params.toml")["data"][key] for key in SETTLED}


def test_yes_takes_what_the_data_suggests(poc2prod: Command, home: Path) -> None:
    """Time, id and the leak's exclusion, the last with its entry in [findings]; nothing more is suggested."""
    path = leaking(home.parent)
    ended = poc2prod("new", "a", "--yes", "--no-git", "--data", str(path), "--target", "churned")
    assert "Settled: id key, time day, exclude closed." in ended.out.splitlines()
    assert "suggest" not in ended.out
    entry = {"how": "excluded", "reason": "not known when a prediction is due", "who": "The a team"}
    assert (roles_of("a"), toml("a/params.toml")["findings"]) == (SETTLED, {"leak:closed": entry})


@pytest.mark.parametrize("quiet", [(), ("--no-input",)])
def test_without_questions_the_call_stays_and_a_better_one_is_printed(
    poc2prod: Command, home: Path, quiet: tuple[str, ...]
) -> None:
    """The project is as called; the printed line, run as it is, makes the one that --yes makes."""
    path = leaking(home.parent)
    ended = poc2prod("new", "a", *quiet, "--no-git", "--data", str(path), "--target", "churned")
    assert roles_of("a") == {"id": "", "time": "", "group": "", "exclude": []}
    words = shlex.split(ended.out.splitlines()[-1])
    assert words[:2] == ["poc2prod", "new"]
    again = poc2prod("new", "b", *words[3:])
    assert ("suggest" in again.out, roles_of("b")) == (False, SETTLED)


def test_yes_and_no_input_exclude_each_other(poc2prod: Command) -> None:
    """Whether proposals are taken must be clear."""
    ended = poc2prod("new", "a", "--yes", "--no-input")
    assert (ended.code, ended.err) == (
        2,
        "error: --yes takes what the data suggests, --no-input does not: leave one out.\n",
    )


@pytest.mark.skipif(os.name == "nt", reason="pty of POSIX")
def test_a_terminal_is_asked_before_anything_is_made(home: Path) -> None:
    """Each proposal with its sentence; another column, none, and the default are taken as said."""
    path = leaking(home.parent)
    call = [
        sys.executable,
        "-m",
        "poc2prod",
        "new",
        "a",
        "--data",
        str(path),
        "--target",
        "churned",
        "--no-git",
    ]
    # of time another column that is no date, then none; the id as proposed; no exclusion; then the defaults
    out, code = at_a_terminal(call, ["closed", "-", "", "n"])
    assert code == 0, out
    assert "--time: closed is boolean, not a date: name a column of dates." in out
    assert out.index("closed alone tells") < out.index("Exclude closed [Y/n]") < out.index("Made a")
    assert roles_of("a") == SETTLED | {"time": "", "exclude": []}


def at_a_terminal(call: list[str], answers: list[str]) -> tuple[str, int]:
    """What a command prints at a pseudo terminal, its lines joined, and its exit code; Enter after the answers."""
    leader, follower = os.openpty()
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "kit" / "src")])
    environment = {**os.environ, "PYTHONPATH": paths, "NO_COLOR": "1"}
    started = subprocess.Popen(call, stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    printed, asked, deadline = b"", 0, time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([leader], [], [], 0.3)[0]:
            try:
                printed += os.read(leader, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
        elif printed[asked:].endswith(b": "):
            asked = len(printed)
            os.write(leader, f"{answers.pop(0) if answers else ''}\n".encode())
    os.close(leader)
    return " ".join(printed.decode().split()), started.wait(10)
