"""The results versions of the library that a project carries in vendor/, read and never run."""

from poc2prod_kit.run import results_versions as versions

from .files import Damaged, Root, Unreadable, failure

FOLDER = "vendor"
# Where the library lies in a folder that a team unpacked it into, to change it.
UNPACKED = tuple(f"{FOLDER}/poc2prod_kit/{way}{versions.FILE}" for way in ("", "src/"))
LIMIT = 64 << 10


def place(files: Root) -> str:
    """The file with the numbers: of an unpacked library, else the wheel; empty where there is neither."""
    for name in UNPACKED:
        if files.state(name):
            return name
    names = files.names(FOLDER)
    wheels = [name for name in names if name.startswith("poc2prod_kit-") and name.endswith(".whl")]
    return f"{FOLDER}/{wheels[0]}" if len(wheels) == 1 else FOLDER if wheels else ""


def read(files: Root, name: str) -> dict[str, int] | Unreadable | None:
    """The numbers by step: of the file that `place` named, else of this command's own library."""
    if not name:
        return versions.all_steps()
    if name == FOLDER:
        return Unreadable(name, "holds several wheels of poc2prod-kit: keep the one that is installed")
    try:
        content = _packed(files, name) if name.endswith(".whl") else files.content(name)
        return versions.parsed(content.decode()) if isinstance(content, bytes) else content
    except (OSError, Damaged) as error:
        return failure(name, error)
    except ValueError as error:
        return Unreadable(name, f"holds no results versions: {error}")


def _packed(files: Root, name: str) -> bytes:
    """The member of a wheel. ValueError where it is no wheel, or has none."""
    from zipfile import ZipFile

    from .fitted import BROKEN

    try:
        with files.open(name) as file, ZipFile(file) as wheel, wheel.open(versions.FILE) as member:
            content = member.read(LIMIT + 1)
    except BROKEN as error:
        raise ValueError(f"it is damaged, or of an older version ({type(error).__name__})") from error
    if len(content) > LIMIT:
        raise ValueError("the table is too large")
    return content
