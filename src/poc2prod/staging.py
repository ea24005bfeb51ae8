"""All or nothing: a project is made in a hidden folder beside its place, and moved there in one step."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import Poc2prodError
from .interrupt import held


class Stage:
    """A place for a project to be.

    A missing folder is made beside its nearest existing parent and renamed, missing parents included. An
    existing empty folder is kept: the project is made inside it and its entries are moved up.
    """

    def __init__(self, target: Path) -> None:
        self.target = Path(os.path.abspath(target))  # noqa: PTH100 (links are kept)
        self.home = _home(self.target)
        self.root = self.home
        missing = self.target.relative_to(self.home).parts
        self.first = missing[0] if missing else ""
        self.rest = Path(*missing)

    @property
    def project(self) -> Path:
        """Where the project is while it is made."""
        return self.root / "place" / self.rest if self.first else self.root / "place" / "project"

    @property
    def scratch(self) -> Path:
        """A folder for temporary files."""
        return self.root / "scratch"

    def open(self) -> None:
        """Make the hidden folder."""
        try:
            self.root = Path(tempfile.mkdtemp(prefix=".poc2prod-", dir=self.home))
            self.scratch.mkdir()
            self.project.parent.mkdir(parents=True)
        except OSError as error:
            self.close()
            raise Poc2prodError(f"{self.home} cannot be written to: {error.strerror}.") from error

    def land(self) -> None:
        """Move the project to its place. Raises Poc2prodError, with nothing moved."""
        try:
            if self.first:
                (self.root / "place" / self.first).rename(self.home / self.first)
            else:
                _move_entries(self.project, self.target)
        except OSError as error:
            raise Poc2prodError(f"{self.target} could not be made: {error.strerror}.") from error

    def close(self) -> None:
        """Remove the hidden folder."""
        if self.root == self.home:
            return
        if sys.platform == "win32":
            for path in self.root.rglob("*"):
                path.chmod(0o700)
        shutil.rmtree(self.root, ignore_errors=True)


def _home(target: Path) -> Path:
    """The existing folder to work in. Raises Poc2prodError where the target is taken."""
    if os.path.lexists(target):
        if not target.is_dir():
            raise Poc2prodError(f"{target} exists and is not a folder: choose another name.")
        if any(target.iterdir()):
            raise Poc2prodError(f"{target} exists and is not empty: choose another name, or empty it first.")
        return target
    parent = next(folder for folder in target.parents if os.path.lexists(folder))
    if not parent.is_dir():
        raise Poc2prodError(f"{parent} is not a folder: choose another place.")
    return parent


def _move_entries(source: Path, target: Path) -> None:
    moved: list[str] = []
    try:
        for entry in sorted(source.iterdir()):
            if os.path.lexists(target / entry.name):
                raise FileExistsError(17, f"{entry.name} has appeared there meanwhile")
            entry.rename(target / entry.name)
            moved.append(entry.name)
    except OSError:
        for name in moved:
            (target / name).rename(source / name)
        raise


def _plain_modes(project: Path) -> None:
    """Give files and folders the modes that the user's umask asks for, whatever the template's are."""
    umask = os.umask(0)
    os.umask(umask)
    for folder, names, files in os.walk(project):
        if ".git" in names:
            names.remove(".git")
        Path(folder).chmod(0o777 & ~umask)
        for name in files:
            with suppress(OSError):
                (Path(folder) / name).chmod(0o666 & ~umask)


@contextmanager
def staged(stage: Stage) -> Iterator[None]:
    """Open the stage; it lands when the block ends well, and leaves nothing otherwise."""
    try:
        with held():
            stage.open()
        yield
        with held():
            _plain_modes(stage.project)
            stage.land()
    finally:
        with held():
            stage.close()
