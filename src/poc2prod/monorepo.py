"""What GitHub reads at a repository's root only, for a project in one of its folders."""

import re
from pathlib import Path

WORKFLOW, DEPENDABOT = ".github/workflows/ci.yml", ".github/dependabot.yml"


def files(project: Path, folder: str, package: str) -> dict[str, str]:
    """The project's workflow and Dependabot's settings as they must be at the root, by path.

    `folder`: the project's, from the root. Commands run in it; paths that actions are given begin with it.
    """
    made = {}
    if (project / WORKFLOW).is_file():
        text = (project / WORKFLOW).read_text(encoding="utf-8")
        inside = f"defaults:\n  run:\n    working-directory: {folder}\n"
        text = text.replace("permissions: {}\n", f"permissions: {{}}\n\n{inside}", 1)
        text = text.replace("github.workspace }}/", f"github.workspace }}}}/{folder}/")
        text = re.sub(r"(cache-dependency-glob: |\bpath: (?=[\w]))", rf"\g<1>{folder}/", text)
        text = re.sub(r"(?m)^( +path: )\.$", rf"\g<1>{folder}", text)
        text = re.sub(r"(?m)^( +!?)(build/sample/)", rf"\g<1>{folder}/\g<2>", text)
        # This job checks nothing out, so it has no such folder
        text = re.sub(r"(?m)^( +)(- run: echo .*)$", r"\1\2\n\1  working-directory: .", text)
        made[f".github/workflows/{package}.yml"] = re.sub(r"(?m)^name: CI$", f"name: CI of {folder}", text)
    if (project / DEPENDABOT).is_file():
        text = (project / DEPENDABOT).read_text(encoding="utf-8")
        made[DEPENDABOT] = re.sub(r'(?m)^( +directory: )"?/"?$', rf'\g<1>"/{folder}"', text)
    return made


def write(project: Path, root: Path, package: str) -> list[str]:
    """Write those that are not there yet; a sentence for each, and for each that is there already."""
    folder = project.resolve().relative_to(root.resolve()).as_posix()
    notes = []
    for name, text in files(project, folder, package).items():
        path = root / name
        if path.exists():
            lines = "".join(f"\n    {line}" for line in _entries(text)) if name == DEPENDABOT else ""
            notes.append(
                f"{path} is there already: add what {folder}/{name} says{':' if lines else '.'}{lines}"
            )
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        notes.append(f"{path} was written too, since GitHub reads it at the repository's root only.")
    return notes


def _entries(text: str) -> list[str]:
    """The lines below `updates:`."""
    return text.partition("updates:\n")[2].splitlines()
