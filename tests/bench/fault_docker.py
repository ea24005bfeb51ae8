"""Faults of II.6: bases that move, root, secrets, installs without hashes, and images that nobody asked."""

from __future__ import annotations

from pathlib import Path

from bench import hands, produced
from bench.produced import fault

FILE = "Dockerfile"
COMMAND = 'CMD ["python", "-m", "letters.api"]'


def written(project: Path, old: str, new: str, name: str = FILE) -> None:
    """Edit a file of the container, and bind all records to it as if all commands had run again."""
    hands.edit(project, name, old, new, count=9)
    produced.rebind(project)


@fault("docker", "fail", "moves: its tag is not a full version")
def base_that_moves(project: Path) -> None:
    """Another base every month."""
    written(project, "python:3.13.0-slim-bookworm", "python:3.13-slim")


@fault("docker", "fail", "python:latest moves")
def latest(project: Path) -> None:
    """Another base every day."""
    written(project, "python:3.13.0-slim-bookworm", "python:latest")


@fault("docker", "fail", "USER root is root")
def root_after_all(project: Path) -> None:
    """A user without rights, and root at the end."""
    written(project, COMMAND, f"USER root\n{COMMAND}")


@fault("docker", "fail", "has no USER")
def no_user(project: Path) -> None:
    """Root by default."""
    written(project, "USER 10001:10001\n", "")


@fault("docker", "fail", "USER root is root")
def root_behind_a_tab(project: Path) -> None:
    """As no one looks for it."""
    written(project, COMMAND, f"USER\troot\n{COMMAND}")


@fault("docker", "fail", "has no USER")
def user_of_another_image(project: Path) -> None:
    """It holds in what is made from this one."""
    written(project, "USER 10001:10001\n", "ONBUILD USER 10001:10001\n")


@fault("docker", "fail", "has no HEALTHCHECK")
def health_switched_off(project: Path) -> None:
    """It was always red."""
    written(project, COMMAND, f"HEALTHCHECK NONE\n{COMMAND}")


@fault("docker", "fail", "cannot fail: its failure is lost")
def health_that_cannot_fail(project: Path) -> None:
    """Well, whatever it answers."""
    written(project, COMMAND, f"HEALTHCHECK CMD curl -f localhost:8000/health || true\n{COMMAND}")


@fault("docker", "fail", "cannot fail: it asks nothing")
def health_that_asks_nobody(project: Path) -> None:
    """In a shell of its own."""
    written(project, COMMAND, f'HEALTHCHECK CMD ["sh", "-c", "echo ok; exit 0"]\n{COMMAND}')


@fault("docker", "pass", "HEALTHCHECK: whether it can fail is not told by the text", claimed=True)
def health_that_ends_well(project: Path) -> None:
    """Whichever way it goes."""
    check = "if curl -f localhost:8000/health; then exit 0; else exit 0; fi"
    written(project, COMMAND, f"HEALTHCHECK CMD {check}\n{COMMAND}")


@fault("docker", "fail", "ran as root")
def user_by_a_variable(project: Path) -> None:
    """What the text does not tell, the record of the image does."""
    written(project, "USER 10001:10001\n", "ARG WHO=root\nUSER ${WHO}\n")
    produced.put(project, "image", "user", "root")


@fault("docker", "fail", "names REGISTRY_PASSWORD")
def secret_in_the_image(project: Path) -> None:
    """A password for everybody who pulls it."""
    written(project, "EXPOSE 8000", "ENV REGISTRY_PASSWORD=hunter2\nEXPOSE 8000")


@fault("docker", "fail", "copies .env")
def env_copied(project: Path) -> None:
    """All settings, and what must not be seen."""
    written(project, "EXPOSE 8000", "COPY .env ./\nEXPOSE 8000")


@fault("docker", "fail", "runs what it fetches")
def script_from_the_network(project: Path) -> None:
    """Whatever is there today."""
    written(project, "EXPOSE 8000", "RUN curl -LsSf https://example.org/install.sh | sh\nEXPOSE 8000")


@fault("docker", "fail", "runs what it fetches")
def script_fetched_first(project: Path) -> None:
    """The same in two commands."""
    run = "RUN curl -O https://example.org/install.sh && sh install.sh"
    written(project, "EXPOSE 8000", f"{run}\nEXPOSE 8000")


@fault("docker", "fail", "pip install flask without hashes")
def package_without_a_shell(project: Path) -> None:
    """Beside the lock, as a list of words."""
    written(project, "EXPOSE 8000", 'RUN ["pip", "install", "flask"]\nEXPOSE 8000')


@fault("docker", "fail", "without hashes")
def one_more_package(project: Path) -> None:
    """Beside the lock."""
    written(project, "EXPOSE 8000", "RUN pip install gunicorn\nEXPOSE 8000")


@fault("docker", "fail", "without hashes")
def hashes_dropped(project: Path) -> None:
    """The lock without what makes it one."""
    written(project, "--require-hashes ", "")


@fault("docker", "fail", "starts a shell")
def shell_form(project: Path) -> None:
    """Which hears no signal."""
    written(project, COMMAND, "CMD python -m letters.api")


@fault("docker", "fail", "copies nothing from an earlier one")
def one_stage(project: Path) -> None:
    """A compiler in production."""
    text = (project / FILE).read_text("utf-8")
    kept = [line for line in text.split("\n") if not line.startswith("COPY --from=")]
    hands.write(project, FILE, "\n".join(kept))
    produced.rebind(project)


@fault("docker", "fail", "lets data/raw into the build")
def rows_in_the_image(project: Path) -> None:
    """A client's rows, in every layer."""
    written(project, "!src\n", "!src\n!data\n", ".dockerignore")


@fault("docker", "fail", "lets data/raw into the build")
def packed_rows_in_the_image(project: Path) -> None:
    """As they lie there, packed."""
    written(project, "!src\n", "!src\n!data/raw/*.gz\n", ".dockerignore")


@fault("docker", "fail", "Dockerfile.dockerignore lets data/raw")
def another_ignore_file(project: Path) -> None:
    """An empty one, which the build prefers."""
    hands.write(project, "Dockerfile.dockerignore", "")
    produced.rebind(project)


@fault("docker", "fail", "has no version with hashes")
def requirement_without_hash(project: Path) -> None:
    """One package by name."""
    path = project / "requirements-api.lock"
    path.write_text(path.read_text("utf-8") + "gunicorn\n", "utf-8")
    produced.rebind(project)


@fault("docker", "fail", "1 of 7 golden predictions differ")
def image_says_otherwise(project: Path) -> None:
    """Other libraries, another answer."""
    produced.put(project, "image", "golden.differing", 1)


@fault("docker", "fail", "read-only file system")
def could_write(project: Path) -> None:
    """It wrote into itself."""
    produced.put(project, "image", "read_only", False)


@fault("docker", "fail", "ran as root")
def ran_as_root(project: Path) -> None:
    """Whatever the Dockerfile says."""
    produced.put(project, "image", "user", "root")


@fault("docker", "fail", "is no sha256 digest")
def tag_for_a_digest(project: Path) -> None:
    """The name instead of the content."""
    produced.put(project, "image", "digest", "letters:local")


@fault("docker", "fail", "its health was 'unhealthy'")
def unhealthy(project: Path) -> None:
    """It ran."""
    produced.put(project, "image", "health", "unhealthy")


@fault("docker", "fail", "ended with 137 when it was asked to stop")
def killed_in_the_end(project: Path) -> None:
    """It heard no signal."""
    produced.put(project, "image", "stop.exit", 137)


@fault("docker", "stale", "asked the model 00000000")
def image_of_an_older_model(project: Path) -> None:
    """Built before the last training."""
    produced.put(project, "image", "model", "0" * 64)


@fault("docker", "unknown", "no record of kind image")
def never_built(project: Path) -> None:
    """A Dockerfile, and no image."""
    produced.record(project, "image").unlink()


@fault("docker", "stale", "is of another source")
def built_before_the_last_change(project: Path) -> None:
    """All other commands ran again."""
    hands.edit(project, "tests/conftest.py", '"""', '"""Changed. ')
    produced.rebind(project, "lint", "test", "latency", "ci")
