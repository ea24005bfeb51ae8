"""A repository and a first commit, whatever the user's git settings, hooks and templates are."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WHO = (
    'git config --global user.name "Your Name"',
    "git config --global user.email you@example.org",
    'git commit -m "First commit"',
)
AUTHOR = {"user.name": "author_name", "user.email": "author_email"}


@dataclass(frozen=True)
class Repository:
    """What was made: a repository, a first commit; where one is missing, why, and what to type inside."""

    made: bool
    committed: bool
    reason: str
    todo: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _run(
    arguments: list[str], folder: Path, *, isolated: bool = True, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run git without the caller's GIT_* variables; isolated: without the user's settings too."""
    kept = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k in kept}
    if isolated:
        environment |= {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, input=given,
        capture_output=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip


def settings(folder: str | None = None) -> dict[str, str]:
    """What the user has set of user.name, user.email and init.defaultbranch: in a folder, else everywhere."""
    if not shutil.which("git"):
        return {}
    pattern = r"^(user\.(name|email)|init\.defaultbranch)$"
    call = ["config", "--null", "--get-regexp", pattern]
    done = _run(call, Path(folder or Path.cwd().anchor), isolated=False)
    pairs = [entry.partition("\n") for entry in done.stdout.split("\0") if entry]
    return {key: value for key, _, value in pairs if value}


def author() -> dict[str, str]:
    """Defaults for author_name and author_email."""
    return {AUTHOR[key]: value for key, value in settings().items() if key in AUTHOR}


def identity(folder: str) -> str:
    """`Name <mail>` as git knows the user in this folder; empty where it does not."""
    known = settings(folder)
    return f"{known['user.name']} <{known['user.email']}>" if set(AUTHOR) <= set(known) else ""


def surrounding(folder: Path) -> Path | None:
    """The repository that the folder is in, if any."""
    for parent in (folder, *folder.parents):
        if (parent / ".git" / "HEAD").exists() or (parent / ".git").is_file():
            return parent
    return None


def first_commit(project: Path, message: str) -> Repository:
    """Make a repository of the project and commit all of it that is not ignored."""
    if not shutil.which("git"):
        return Repository(False, False, "git was not found; once it is installed: git init")
    known = settings()
    branch = known.get("init.defaultbranch", "main")
    for arguments in (["init", "--quiet", "--template=", "--initial-branch", branch], ["add", "--all"]):
        done = _run(arguments, project)
        if done.returncode:
            shutil.rmtree(project / ".git", ignore_errors=True)
            return Repository(False, False, f"git {arguments[0]} failed: {_last_line(done.stderr)}")
    if not set(AUTHOR) <= set(known):
        return Repository(True, False, "git does not know who you are", WHO)
    settings_ = [part for key in AUTHOR for part in ("-c", f"{key}={known[key]}")]
    done = _run([*settings_, "commit", "--quiet", "--message", message], project)
    failed = f"git commit failed: {_last_line(done.stderr)}" if done.returncode else ""
    return Repository(True, not failed, failed)


def hidden(project: Path, files: Sequence[str]) -> list[str]:
    """What ignore rules from outside the project hide of these files, a sentence each; [] without a repository.

    A rule of the user's own or of a folder above would keep files out of git without a word: evidence too.
    """
    root = surrounding(project)
    if not shutil.which("git") or root is None:
        return []
    call = ["check-ignore", "--verbose", "--no-index", "-z", "--stdin"]
    names = "\0".join(files)
    fields = _run(call, project, isolated=False, given=names).stdout.split("\0")
    rules: dict[tuple[str, str], list[str]] = {}
    for source, line, pattern, path in zip(*[iter(fields[: len(fields) // 4 * 4])] * 4, strict=True):
        outside = not (root / source).resolve().is_relative_to(project.resolve())
        if outside and not pattern.startswith("!"):
            rules.setdefault((f"{source}, line {line}", pattern), []).append(path)
    return [
        f"{source} ({pattern}) hides {len(paths)} of these files from git, such as {paths[0]}. To have them in git, "
        f"add this line to .gitignore of the project: !{pattern}"
        for (source, pattern), paths in rules.items()
    ]


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
