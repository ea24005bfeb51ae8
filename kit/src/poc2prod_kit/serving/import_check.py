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
        command, input=json.dumps(names), capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise ProjectError(f"The API cannot be imported as its image would: {last}")
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


def main(folder: str, package: str) -> int:
    """Import the server without the modules named on standard input; write down the first that is missed."""
    names = json.load(sys.stdin)
    sys.path[0] = folder
    # Python imports no module whose entry is None, and says that it is not found.
    sys.modules.update(dict.fromkeys(names))
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
