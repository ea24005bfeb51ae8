"""II.6: the same thing on every machine, pinned, small, without rights or secrets that it does not need."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..files import Unreadable
from ..project import Facts
from . import dockerfile, failing, observed
from .dockerfile import Dockerfile, Ignored, Instruction
from .finding import CLAIMED, Finding, Unproven, failed, passed, unknown

# The file beside the Dockerfile is the one that BuildKit takes, where both are there.
FILE, IGNORE, RATHER = "Dockerfile", ".dockerignore", "Dockerfile.dockerignore"
# A full tag says all three numbers of a version: 3.13 and bookworm move, 3.13.5-slim-bookworm stays.
FULL_TAG = r"[\w][\w.-]*\d+\.\d+\.\d+[\w.-]*|v?\d+\.\d+\.\d+[\w.-]*"
ROOT = r"root|0+"
SECRET_NAME = (
    r"(?i)(^|_)(pass(word|wd|phrase)?|secrets?|tokens?|api_?keys?|private_?key|credentials?"
    r"|access_?key(_id)?)(_|$)"
)
SECRET_VALUE = (
    r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{20,}|glpat-[\w-]{20}|xox[abpr]-[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|://[^/\s:@]+:[^/\s:@$]+@|sk-[A-Za-z0-9_-]{20,}|pypi-[\w-]{30,}"
)
SECRET_FILE = (
    r"(?i)(^|/)(\.env(\..*)?|.*\.(pem|key|p12|pfx|jks)|id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.pypirc|\.git"
    r"|\.git-credentials|\.aws|\.ssh|\.kube|credentials(\..*)?|secrets?(\..*)?)/?$"
)
# Pairs of signs, the second after the first: searched one after the other, so that no line takes for ever.
FETCHING, SHELL = r"\b(curl|wget|fetch)\b", r"\|\s*(sudo\s+)?(\S*/)?((ba|da|z|k|a)?sh|python3?)\b"
INLINE = r"(ba)?sh\s+(-c\s+)?[\"']?(<\(|\$\(|`)\s*(curl|wget)"
FETCH = r"(?:sudo\s+)?(?:\S*/)?(?:curl|wget|fetch)\s"
CHECKSUM = r"(?:\S*/)?(?:sha\d+sum|shasum|gpg|cosign|minisign)\s"
RUNNER = r"(?:sudo\s+)?(?:\S*/)?(?:(?:ba|da|z|k|a)?sh|python3?|source|\.)\s+(?:-[a-z]+\s+)*([^\s-]\S*)"
SHELLED = r"^(?:sudo\s+)?(?:\S*/)?\w*sh\s+-\w*c\s+[\"']?"
INSTALL = (r"\b(?:pip3?|uv pip)\b", r"\s(?:install|sync)\b")
OTHER_INSTALL = (
    r"\b(conda|mamba|poetry|pipenv|easy_install|pipx|uv (add|tool))\b",
    r"\b(install|add|sync|create)\b",
)
UV_SYNC = (r"\buv sync\b", r"--(locked|frozen)\b")
CARELESS = (r"\bcurl\b", r"\s-\w{0,9}k\b")
LOCK = r"requirements[\w.-]*\.lock"
OUT = ("data/raw/rows.csv", "data/raw/rows.csv.gz", "data/raw/rows.parquet", ".git/config", ".env")
LARGEST_MB = 1500
LARGEST, MOST_LINES = 64 << 10, 500
DIGEST = r"sha256:[0-9a-f]{64}"


def stages(facts: Facts) -> Finding:
    """A Dockerfile is there, and builds in stages: what only building needs stays behind."""
    file = read(facts)
    last = file.stages[-1]
    known = {stage.name for stage in file.stages[:-1] if stage.name} | {
        str(n) for n in range(len(file.stages) - 1)
    }
    taken = [
        one
        for one in last.body
        if one.name == "COPY" and not one.later and one.flags.get("from", "").casefold() in known
    ]
    if not taken:
        return failed(
            f"{FILE}: the last of {len(file.stages)} stages copies nothing from an earlier one",
            "build in one stage, and COPY --from= it what runs",
        )
    return passed(f"{FILE}: {len(file.stages)} stages, the last takes what runs from an earlier one")


def base(facts: Facts) -> Iterable[Finding]:
    """Every base image is named by a full tag (all three numbers of a version) or a digest."""
    file = read(facts)
    wrong = [(stage, fault) for stage in file.outside() if (fault := _unpinned(stage.base))]
    for one in (one for stage in file.stages for one in stage.body if one.name == "COPY"):
        source = dockerfile.filled(one.flags.get("from", ""), file.arguments)
        if "/" in source or ":" in source:
            wrong += [(stage, fault) for stage in file.stages[:1] if (fault := _unpinned(source))]
    for stage, fault in wrong[:3]:
        yield failed(
            f"{FILE}, line {stage.line}: {fault}", "name a full tag such as python:3.13.5-slim-bookworm"
        )
    if not wrong:
        yield passed(f"base images: {', '.join(sorted({stage.base for stage in file.outside()}))}")


def _unpinned(image: str) -> str:
    name, _, digest = image.partition("@")
    if digest:
        return (
            "" if re.fullmatch(r"sha256:[0-9a-f]{64}", digest) else f"{image[:60]} has a digest that is none"
        )
    tag = name.rpartition("/")[2].partition(":")[2]
    if "$" in image:
        return f"{image[:60]} depends on a variable without a default"
    return "" if re.fullmatch(FULL_TAG, tag) else f"{image[:60]} moves: its tag is not a full version"


def user(facts: Facts) -> Finding:
    """The container runs as a user that is not root."""
    file = read(facts)
    found = file.last("USER")
    if found is None:
        return failed(
            f"{FILE} has no USER, so the container runs as root", "add USER 10001 after the last RUN"
        )
    name = dockerfile.filled(found.text, dockerfile.values(file)).partition(":")[0].strip("\"' ")
    if "$" in name or not name:
        return unknown(
            f"{FILE}, line {found.line}: USER {found.text[:40]} depends on a variable", "name the user"
        )
    if re.fullmatch(ROOT, name):
        return failed(f"{FILE}, line {found.line}: USER {name} is root", "name a user that is not root")
    return passed(f"{FILE}, line {found.line}: runs as {name}")


def health(facts: Facts) -> Finding:
    """The image says how it is asked whether it is well."""
    found = read(facts).last("HEALTHCHECK")
    if found is None or found.text.strip().upper() in ("", "NONE"):
        return failed(f"{FILE} has no HEALTHCHECK", "add HEALTHCHECK CMD, asking /health")
    said, *words = found.text.split(maxsplit=1)
    asked = found._replace(text="".join(words))
    why = failing.why_not(asked.listed, asked.text) if said.upper() == "CMD" else "it asks nothing"
    where = f"{FILE}, line {found.line}: HEALTHCHECK"
    if why is None:
        return unknown(f"{where} is no script that can be read", "let one command ask /health")
    if why:
        return failed(f"{where} cannot fail: {why}", "let it ask /health, and fail where that fails")
    return passed(f"{where} {asked.text[:60]}")


def secrets(facts: Facts) -> Iterable[Finding]:
    """No secret is written into the image: not in ENV, ARG or a command, and no key is copied."""
    wrong = [(one, fault) for stage in read(facts).stages for one in stage.body for fault in _secrets(one)]
    for one, fault in wrong[:5]:
        yield failed(
            f"{FILE}, line {one.line}: {one.name} {fault}",
            "give it to the container when it runs, or to the build with RUN --mount=type=secret",
        )
    if not wrong:
        yield passed(f"{FILE}: no secret in ENV, ARG or RUN, no key copied")


def _secrets(one: Instruction) -> Iterator[str]:
    if one.name in ("ENV", "ARG", "LABEL"):
        for name, value in dockerfile.assigned(one.text).items():
            if re.search(SECRET_NAME, name) and (value or one.name == "ARG"):
                yield f"names {name[:40]}, which stays in the image's history"
    if re.search(SECRET_VALUE, one.said):
        yield "holds what looks like a secret"
    if one.name in ("COPY", "ADD"):
        words = one.listed or dockerfile.split(one.text)
        yield from (f"copies {word[:40]}" for word in words[:-1] if re.search(SECRET_FILE, word))


def installed(facts: Facts) -> Iterable[Finding]:
    """What is installed comes from the lock, by hash; nothing that was fetched runs unread."""
    file = read(facts)
    runs = [one for stage in file.stages for one in stage.body if one.name == "RUN"]
    wrong = [(one, fault) for one in runs for fault in _fetched(one)]
    wrong += [
        (one, "fetches from the network without a checksum")
        for stage in file.stages
        for one in stage.body
        if one.name == "ADD" and re.search(r"\bhttps?://", one.text) and "checksum" not in one.flags
    ]
    for one, fault in wrong[:5]:
        yield failed(
            f"{FILE}, line {one.line}: {fault}", "install with --require-hashes -r requirements-api.lock"
        )
    locked = [one for one in runs if not one.later and _locked(_script(one))]
    if not locked and not wrong:
        yield failed(
            f"{FILE} installs nothing from a lock with hashes", "RUN pip install --require-hashes -r …"
        )
    elif not wrong:
        yield passed(f"{FILE}, line {locked[0].line}: installs from the lock, by hash")


def _fetched(one: Instruction) -> Iterator[str]:
    script = _script(one)
    piped = any(_after(part, FETCHING, SHELL) for part in _parted(script, "|"))
    if piped or re.search(INLINE, script) or _runs_its_fetch(_parted(script)):
        yield "runs what it fetches, unread"
    for command in _parted(script):
        short = " ".join(command[:200].split())[:60]
        if _after(command, *INSTALL) and not _locked(command) and not _own(command):
            yield f"{short} without hashes"
        elif _after(command, *OTHER_INSTALL) and not re.search(r"--(locked|frozen)\b", command):
            yield f"{short} without a lock"
        if re.search(r"--trusted-host|--no-verify|--insecure\b", command) or _after(command, *CARELESS):
            yield f"{short} trusts anybody"


def _script(one: Instruction) -> str:
    """What a RUN has the shell do, or, in exec form, does itself."""
    return " ".join(one.listed) if one.listed else one.said


def _runs_its_fetch(commands: list[str]) -> bool:
    """Whether a file is run after one was fetched, with no checksum or signature looked at in between."""
    fetch = ""
    for command in (re.sub(SHELLED, "", words.strip()) for words in commands):
        if re.match(FETCH, command):
            fetch += f" {command}"
        elif re.match(CHECKSUM, command):
            fetch = ""
        elif fetch and _runs(command, fetch):
            return True
    return False


def _runs(command: str, fetch: str) -> bool:
    """Whether a command runs a file: by a shell, or by a name that the fetch has."""
    by = re.match(RUNNER, command)
    program = by[1] if by else command.partition(" ")[0]
    shell = by and "python" not in by[0].partition(by[1])[0]
    name = program.strip("\"'").rpartition("/")[2]
    return bool(shell or (("/" in program or by) and name and name in fetch))


def _parted(script: str, joined: str = "") -> list[str]:
    """The commands of a script; with `|`, those that a pipe joins stay together."""
    return re.split(r"&&|\|\||;|\n" if joined else r"&&|\|\|?|;|\n", script)


def _after(text: str, first: str, second: str) -> bool:
    """Whether the second pattern stands after the first place of the first."""
    start = re.search(first, text)
    return bool(start and re.search(second, text[start.end() :]))


def _locked(command: str) -> bool:
    by_hash = "--require-hashes" in command and re.search(LOCK, command)
    return bool(by_hash) or _after(command, *UV_SYNC)


def _own(command: str) -> bool:
    """Whether an install takes the project's own code alone, no dependency."""
    if "--no-deps" not in command and "--no-index" not in command:
        return False
    words = re.split(INSTALL[1], command)[-1].split()
    names = [word for word in words if not word.startswith("-")]
    return bool(names) and all(re.match(r"\.{0,2}/|\.$|.*\.whl$", name) for name in names)


def command(facts: Facts) -> Finding:
    """The container starts its program itself (exec form), so that it is told to stop."""
    file = read(facts)
    found = [one for name in ("ENTRYPOINT", "CMD") if (one := file.last(name))]
    if not found:
        return failed(f"{FILE} has neither CMD nor ENTRYPOINT", 'add CMD ["python", "-m", …]')
    for one in found:
        words = one.listed
        if words is None or re.search(r"(^|/)(ba|da|a)?sh$", words[0]):
            return failed(
                f"{FILE}, line {one.line}: {one.name} {one.text[:40]} starts a shell, which hears no signal",
                'write it as a list: ["python", "-m", …]',
            )
    return passed(f"{FILE}, line {found[-1].line}: {found[-1].name} {found[-1].text[:60]}")


def ignored(facts: Facts) -> Finding:
    """Raw rows, git's history and .env never enter the build."""
    name = RATHER if facts.exists(RATHER) else IGNORE
    text = facts.text(name)
    if not isinstance(text, str):
        return failed(
            str(text or f"{name} is not there, so all enters the build"), f"bring {name} back from git"
        )
    if text.count("\n") > MOST_LINES:
        return unknown(f"{name} has more than {MOST_LINES:,} lines, so it is not read", f"shorten {name}")
    rules = Ignored(text)
    kept_out = dict.fromkeys([*OUT, *_tables(facts)])
    let = list(dict.fromkeys(one.rpartition("/")[0] or one for one in kept_out if not rules.out(one)))
    if let:
        return failed(f"{name} lets {' and '.join(let)} into the build", f"add {let[0]} to {name}")
    return passed(f"{name} keeps data/raw, .git and .env out")


def _tables(facts: Facts) -> list[str]:
    """The files of [data] that lie in the project, without `./` before them."""
    files = facts.param("data.files", [])
    names = (
        [posixpath.normpath(name) for name in files if isinstance(name, str)]
        if isinstance(files, list)
        else []
    )
    return [name for name in names if not name.startswith(("/", "../"))]


def locks(facts: Facts) -> Iterable[Finding]:
    """Every requirement in the lock files has one version and hashes."""
    names = [name for name in facts.files.names("") if re.fullmatch(LOCK, name)]
    if not names:
        yield failed("no requirements*.lock is there", "bring it back from git, or lock again")
    for name in names:
        text = facts.text(name)
        if not isinstance(text, str):
            yield unknown(str(text or f"{name} is not there"), f"bring {name} back from git")
            continue
        entries = requirements(text)
        bad = [words for words in entries if not _is_locked(words)]
        if bad:
            yield failed(f"{name}: {bad[0][:60]} has no version with hashes", "lock again")
        elif not entries:
            yield failed(f"{name} locks nothing", "lock again")
        else:
            yield passed(f"{name}: {len(entries)} requirements, each with version and hashes")


def requirements(text: str) -> list[str]:
    """The entries of a lock file, continued lines joined, comments left out."""
    joined = re.sub(r"\\\n\s*", " ", text)
    return [line for raw in joined.split("\n") if (line := re.sub(r"(^|\s)#.*", "", raw).strip())]


def _is_locked(words: str) -> bool:
    pinned = re.match(r"[A-Za-z0-9][\w.-]*(\[[\w,.-]+\])?\s*==\s*[^\s;,*]+(\s|;|$)", words)
    hashes = re.findall(r"--hash=(\S+)", words)
    return bool(pinned and hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes))


def record(facts: Facts) -> Finding:
    """An image of this source was built, started and asked, and a record says so."""
    return observed.standing(facts, "image")


def smoke(facts: Facts) -> Iterable[Finding]:
    """The image ran read-only and not as root, was well, and gave the golden predictions of this model."""
    found = observed.record(facts, "image")
    if found is None:
        return
    wrong = [*_ran(found.results), *_based(facts, found.results)]
    for text in wrong:
        yield failed(f"{found.file}: {text}", observed.todo(facts, "image"), CLAIMED)
    golden = [*observed.golden(facts, found), *observed.of_model(facts, found, found.results["model"])]
    yield from golden
    if not wrong and not golden:
        said = found.results
        yield passed(
            f"{said['digest'][:19]}, {said['size_mb']:,.0f} MB, user {said['user']}, read-only, healthy,"
            f" {said['golden']['rows']} golden predictions as offline",
            CLAIMED,
        )


def _ran(said: dict[str, Any]) -> Iterator[str]:
    """What is wrong with how the image was built and ran."""
    if not re.fullmatch(DIGEST, said["digest"]):
        yield f"digest {said['digest'][:40]!r} is no sha256 digest"
    if not 0 < said["size_mb"] <= LARGEST_MB:
        yield f"its size, {said['size_mb']:,.0f} MB, is not between 0 and {LARGEST_MB:,} MB"
    if said["read_only"] is not True:
        yield "it did not run with a read-only file system"
    who = said["user"].partition(":")[0].strip()
    if not who or re.fullmatch(ROOT, who):
        yield f"it ran as {who or 'nobody known'}, not as a user without rights"
    if said["health"] != "healthy":
        yield f"its health was {said['health'][:30]!r}, not 'healthy'"
    stopped = said.get("stop")
    code = stopped.get("exit") if isinstance(stopped, dict) else 0
    if code != 0:
        yield f"it ended with {str(code)[:20]} when it was asked to stop, not with 0"


def _based(facts: Facts, said: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the base image that the record names, beside the Dockerfile's."""
    name, digest = said["base"]["name"], said["base"]["digest"]
    if not re.search(f"(^|@){DIGEST}$", str(digest)):
        yield f"its base has no digest ({str(digest)[:40]})"
    lineage = read(facts).lineage()
    if lineage and name.removeprefix("docker.io/").removeprefix("library/") != lineage[-1].base:
        yield f"its base was {name[:60]}, {FILE} says {lineage[-1].base[:60]}"


def signed(facts: Facts) -> dict[str, Any]:
    """What a person signs: the newest record of this source, and what was chosen."""
    return observed.signed(facts, "docker", "image")


def missing(facts: Facts) -> Finding | None:
    """What is to say instead where the project has no container at all."""
    return observed.absent(facts, "container", FILE)


def read(facts: Facts) -> Dockerfile:
    """The Dockerfile. Unproven where there is none to read."""
    text = facts.text(FILE)
    if text is None or isinstance(text, Unreadable):
        raise Unproven(str(text or f"{FILE} is not there"), f"bring {FILE} back from git")
    if len(text) > LARGEST or text.upper().count("FROM ") > MOST_LINES:
        raise Unproven(f"{FILE} is larger than any that is needed, so it is not read", f"shorten {FILE}")
    found = facts.shared("dockerfile", lambda: dockerfile.parse(text))
    if not found.stages:
        raise Unproven(f"{FILE} has no FROM", f"bring {FILE} back from git")
    return found


CHECKS = (
    stages, base, user, health, secrets, installed, command, ignored, locks, record, smoke,
)  # fmt: skip
