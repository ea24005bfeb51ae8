"""Whether the server asks only for packages that its image has: it is imported where there are no others."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import traceback
from importlib import metadata
from pathlib import Path
from typing import Any

LOCK = "requirements-api.lock"
MODULES = (".rules", ".api", "poc2prod_kit.serving.scorer")


def check(root: Path) -> None:
    """Import rules.py and the API with the packages of requirements-api.lock alone.

    Raises ProjectError naming the line that imports another. Without that file nothing is checked.
    """
    from poc2prod_kit.run import paths
    from poc2prod_kit.run.errors import ProjectError

    if not (root / LOCK).is_file():
        return
    package = paths.package()
    names = absent((root / LOCK).read_text(encoding="utf-8"), package.name)
    command = [sys.executable, str(Path(__file__).resolve()), str(package.parent), package.name]
    done = subprocess.run(
        command,
        input=json.dumps(names),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        text = done.stderr.strip().splitlines()
        raise ProjectError(
            f"The API cannot be imported as its image would: {text[-1] if text else 'no word'}"
        )
    if done.stdout:
        content = json.loads(done.stdout)
        raise ProjectError(
            f"src/{content['file']}, line {content['line']}: it imports {content['module']}, which the API's image "
            "does not have. Import it inside the function that needs it, if no feature or population rule "
            "does; or add it to `api` in pyproject.toml, and run `lock`."
        )


def absent(lock: str, package: str) -> list[str]:
    """The modules that are installed here, and that nothing named in the lock provides."""
    there = {_plain(name) for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])? *==", lock, re.MULTILINE)}
    names = {
        module
        for module, providers in metadata.packages_distributions().items()
        if not there & {_plain(name) for name in providers}
    }
    return sorted(names - {package, "poc2prod_kit"} - set(sys.stdlib_module_names))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class _Without:
    """A finder of modules that does not find some."""

    def __init__(self, finder: Any, names: frozenset[str]) -> None:
        self.finder, self.names = finder, names

    def find_spec(self, name: str, *rest: Any) -> Any:
        """The module's place, or None."""
        return None if name.partition(".")[0] in self.names else self.finder.find_spec(name, *rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.finder, name)


def main(folder: str, package: str) -> int:
    """Import the server without the modules named on standard input; write down the first that is missed."""
    names = frozenset(json.load(sys.stdin))
    sys.path[0] = folder
    sys.meta_path[:] = [_Without(finder, names) for finder in sys.meta_path]
    try:
        for name in MODULES:
            importlib.import_module(name, package)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in names:
            raise
        frames = traceback.extract_tb(error.__traceback__)
        here = [frame for frame in frames if Path(frame.filename).is_relative_to(folder)]
        file = Path(here[-1].filename).relative_to(folder).as_posix()
        json.dump({"module": error.name, "file": file, "line": here[-1].lineno}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
