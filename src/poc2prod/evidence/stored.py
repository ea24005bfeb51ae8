"""The saved model: an archive of data, and of types from libraries that the project trusts."""

from poc2prod_kit.models.loaders import LOADERS, nodes

from ..files import Damaged, parse_json
from ..project import Facts
from .finding import ATTESTED, Finding, failed, passed, unknown

MODEL = "models/model.skops"
SCHEMA_LIMIT = 64 << 20
# Where the types of a model may come from, and how it may be put together (poc2prod_kit.models.model_file).
# Nothing is loaded here, so a library's name is enough; the library itself asks for each type.
LIBRARIES = ("lightgbm.", "numpy.", "scipy.sparse.", "sklearn.")
PLAIN = frozenset(
    {
        "builtins.bool", "builtins.bytearray", "builtins.bytes", "builtins.dict", "builtins.float",
        "builtins.int", "builtins.list", "builtins.set", "builtins.slice", "builtins.str", "builtins.tuple",
        "collections.OrderedDict", "collections.defaultdict",
    }
)  # fmt: skip


def safe(facts: Facts, todo: str) -> Finding:
    """Whether the model's file names only known types; where it is not here, what its report says."""
    from ..fitted import BROKEN

    report = facts.report("baseline")
    reported = report["outputs"].get(MODEL) if isinstance(report, dict) else None
    if not reported:
        return unknown(f"the report does not say that it made {MODEL}", todo)
    if not facts.exists(MODEL):
        return passed(f"{MODEL} is not here; its report gives the id {reported[:8]}", ATTESTED)
    try:
        strange = strange_parts(facts)
    except (OSError, Damaged, *BROKEN) as error:
        return failed(f"{MODEL} is no skops archive ({type(error).__name__}: {error})", todo)
    if strange:
        return failed(f"{MODEL} names {strange[0]}, which the project does not trust: do not load it", todo)
    now = facts.now(MODEL).hash
    if reported != now:
        return failed(f"{MODEL} is {str(now)[:8]}, the report made {reported[:8]}", todo)
    return passed(f"{MODEL} ({reported[:8]}) holds data and known types only")


def strange_parts(facts: Facts) -> list[str]:
    """Members, types and loaders of the model's file that are not trusted. OSError, Damaged, ValueError."""
    from zipfile import ZipFile

    with facts.files.open(MODEL) as file, ZipFile(file) as archive:
        members = [item.filename for item in archive.infolist()]
        if archive.getinfo("schema.json").file_size > SCHEMA_LIMIT:
            raise ValueError("its schema.json is too large")
        tree = parse_json(MODEL, archive.read("schema.json"))
    if not isinstance(tree, dict):
        raise ValueError("its schema.json is not a tree")
    # Types of other libraries, which the team trusts by name in models.py; the report says which.
    reported = facts.results("baseline").get("trusted_types", [])
    own = {str(name) for name in reported} if isinstance(reported, list) else set()
    data = ("schema.json", ".bin", ".npy", ".npz")
    names = {f"a file {name}" for name in members if not name.endswith(data)}
    for node in nodes(tree):
        if "__class__" in node:
            name = f"{node.get('__module__', '')}.{node['__class__']}"
            trusted = name in PLAIN or name in own or name.startswith(LIBRARIES)
            names |= set() if trusted else {f"the type {name[:80]}"}
        if "__loader__" in node and node["__loader__"] not in LOADERS:
            names.add(f"the loader {str(node['__loader__'])[:80]}")
    return sorted(names)
