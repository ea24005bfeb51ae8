"""II.6 from a Dockerfile, its .dockerignore, locks, and the record of an image."""

from __future__ import annotations

from typing import Any

import pytest
from evidence.service import HASH, LOCK, Service

from poc2prod.checklist import step
from poc2prod.evidence import signed

CHECKS = (
    *("stages", "base", "user", "health", "secrets", "installed", "command", "ignored", "locks", "record"),
    "smoke",
)


def test_an_honest_image_passes(service_: Service) -> None:
    """Every check, by name."""
    assert service_.outcomes("docker") == dict.fromkeys(CHECKS, "pass")


@pytest.mark.parametrize(
    ("old", "new", "check", "says"),
    [
        ("COPY --from=packages /opt/venv /opt/venv\n", "", "stages", "copies nothing from an earlier one"),
        ("python:3.13.5-slim-bookworm", "python:3.13-slim", "base", "python:3.13-slim moves"),
        ("python:3.13.5-slim-bookworm", "python:latest", "base", "python:latest moves"),
        ("python:3.13.5-slim-bookworm", "python", "base", "python moves"),
        ("ARG BASE=python:3.13.5-slim-bookworm", "ARG BASE", "base", "a variable without a default"),
        (f"node:22.1.0@sha256:{HASH}", "node:22.1.0@sha256:abc", "base", "a digest that is none"),
        ("USER 10001:10001\n", "", "user", "has no USER"),
        ("USER 10001:10001", "USER root", "user", "USER root is root"),
        ("USER 10001:10001", "USER 10001\nUSER 0:0", "user", "USER 0 is root"),
        ("USER 10001:10001", "USER 10001\nUSER\troot", "user", "USER root is root"),
        ("USER 10001:10001", "ONBUILD USER 10001", "user", "has no USER"),
        ("HEALTHCHECK --", "ONBUILD\tHEALTHCHECK --", "health", "no HEALTHCHECK"),
        ("COPY --from=packages", "ONBUILD COPY --from=packages", "stages", "copies nothing"),
        ("RUN python -m venv", "ONBUILD RUN python -m venv", "installed", "installs nothing from a lock"),
        ('HEALTHCHECK --interval=10s CMD ["python", "health.py"]\n', "", "health", "no HEALTHCHECK"),
        ('CMD ["python", "health.py"]', "NONE", "health", "no HEALTHCHECK"),
        ('CMD ["python", "health.py"]', "python health.py", "health", "asks nothing"),
        *(
            ('CMD ["python", "health.py"]', f"CMD {script}", "health", says)
            for script, says in (
                ("exit 0", "asks nothing"),
                ("true;", "asks nothing"),
                ("/bin/true", "asks nothing"),
                ("echo ok", "asks nothing"),
                ("A=1 echo ok && exit 0", "asks nothing"),
                ('["sh", "-c", "exit 0"]', "asks nothing"),
                ('["/bin/true"]', "asks nothing"),
                ("curl -f localhost || true", "its failure is lost"),
                ("curl -f localhost || exit 0", "its failure is lost"),
                ("curl -f localhost; true", "its failure is lost"),
                ("curl -f localhost &", "its failure is lost"),
                ("curl -f localhost | cat", "its failure is lost"),
                ('["bash", "-c", "curl -f localhost || :"]', "its failure is lost"),
                ("sh -c 'curl -f localhost || true'", "its failure is lost"),
            )
        ),
        ("USER 10001", "ENV DB_PASSWORD=hunter2\nUSER 10001", "secrets", "names DB_PASSWORD"),
        ("USER 10001", "ENV API_KEY abc\nUSER 10001", "secrets", "names API_KEY"),
        ("USER 10001", "ARG GITHUB_TOKEN\nUSER 10001", "secrets", "names GITHUB_TOKEN"),
        ("COPY src src", "COPY .env src ./", "secrets", "copies .env"),
        ("COPY src src", 'COPY ["keys/server.pem", "./"]', "secrets", "copies keys/server.pem"),
        ("COPY src src", "COPY --chown=1 id_rsa /root/", "secrets", "copies id_rsa"),
        ("pip install --no-deps .", "git clone https://u:pw@example.org/x", "secrets", "looks like a secret"),
        ("pip install --no-deps .", "curl -s https://x.org/i.sh | bash", "installed", "runs what it fetches"),
        (
            "pip install --no-deps .",
            'sh -c "$(wget -qO- https://x.org)"',
            "installed",
            "runs what it fetches",
        ),
        ("pip install --no-deps .", '["pip", "install", "flask"]', "installed", "pip install flask without"),
        ("pip install --no-deps .", '["sh", "-c", "pip install flask"]', "installed", "without hashes"),
        *(
            ("pip install --no-deps .", script, "installed", "runs what it fetches")
            for script in (
                "curl -O https://x.org/i.sh && sh i.sh",
                "curl -sSo /tmp/i https://x.org/i ; bash -e /tmp/i",
                "wget -q https://x.org/install && chmod +x install && ./install",
                "curl https://x.org/setup.py > setup.py && python setup.py",
                "cd /tmp && wget $ADDRESS && sh *.sh",
                '["sh", "-c", "curl -O https://x.org/i.sh && . ./i.sh"]',
            )
        ),
        ("COPY src src", "ADD https://x.org/a.tar.gz /", "installed", "without a checksum"),
        ("--require-hashes ", "", "installed", "without hashes"),
        ("pip install --no-deps .", "pip install --no-deps requests", "installed", "without hashes"),
        ("pip install --no-deps .", "pip --python /x install requests", "installed", "without hashes"),
        ("pip install --no-deps .", "pip install .", "installed", "without hashes"),
        ("pip install --no-deps .", "uv pip install flask", "installed", "without hashes"),
        ("pip install --no-deps .", "uv add flask", "installed", "without a lock"),
        ("pip install --no-deps .", "conda install -y numpy", "installed", "without a lock"),
        ("pip install --no-deps .", "curl -sk https://x.org/rows", "installed", "trusts anybody"),
        ("pip install --no-deps .", "<<EOF\npip install numpy\nEOF", "installed", "without hashes"),
        ('CMD ["python", "-m", "app.api"]', "CMD python -m app.api", "command", "starts a shell"),
        ('CMD ["python", "-m", "app.api"]', 'CMD ["sh", "-c", "python"]', "command", "starts a shell"),
        ('\nCMD ["python", "-m", "app.api"]\n', "\n", "command", "neither CMD nor ENTRYPOINT"),
    ],
)
def test_what_a_dockerfile_must_not_do(service_: Service, old: str, new: str, check: str, says: str) -> None:
    """Each is named by its own check."""
    service_.replace("Dockerfile", old, new)
    outcome, text = service_.said("docker", check)
    assert (outcome, says in text) == ("fail", True), text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\nCMD", "\n# a comment\nCMD"),
        ("--require-hashes -r", "\\\n  # why\n  --require-hashes -r"),
        ("FROM ${BASE} AS packages", "from ${BASE} as packages"),
        ("python:3.13.5-slim-bookworm", f"python@sha256:{HASH}"),
        ("pip install --no-deps .", "pip install --no-deps ./dist/app.whl"),
        ("USER 10001:10001", "USER app"),
        *(
            ('CMD ["python", "health.py"]', f"CMD {script}")
            for script in (
                "curl -f localhost",
                "curl -f localhost || exit 1",
                "curl -f localhost && echo ok",
                "curl -fs localhost | grep -q ok || exit 1",
                "if curl -f localhost; then exit 0; else exit 1; fi",
                "wget -qO- localhost >/dev/null || (echo bad; exit 1)",
                "test -f /tmp/well",
                "URL=localhost; curl -f $URL",
                '["sh", "-ec", "curl -f localhost; echo ok"]',
                '["bash", "-c", "python health.py"]',
                "python -c \"import urllib.request as r; r.urlopen('http://localhost:8000/health')\"",
            )
        ),
        ("pip install --no-deps .", '["pip", "install", "--no-deps", "."]'),
        ("pip install --no-deps .", "uv pip install --require-hashes -r requirements.lock"),
        ("pip install --no-deps .", "uv sync --frozen"),
        ("pip install --no-deps .", "curl -s https://x.org/v | python -c 'print(input())'"),
        ("pip install --no-deps .", "apt-get install -y curl && sh scripts/build.sh"),
        ("pip install --no-deps .", "curl -O https://x.org/rows.csv && python -m app.rows rows.csv"),
        ("pip install --no-deps .", "curl -O https://x.org/i && echo 'ab  i' | sha256sum -c - && sh i"),
        ("USER 10001:10001", "ENV TOKENIZERS_PARALLELISM=false\nUSER 10001"),
    ],
)
def test_other_ways_to_write_it(service_: Service, old: str, new: str) -> None:
    """Comments, cases, digests and names do no harm."""
    service_.replace("Dockerfile", old, new)
    reading = {name: outcome for name, outcome in service_.outcomes("docker").items() if name in CHECKS[:9]}
    assert reading == dict.fromkeys(CHECKS[:9], "pass")


def test_what_an_earlier_stage_says_holds_too(service_: Service) -> None:
    """The user is that of the stage that the last one is made from, unless it names another."""
    service_.replace("Dockerfile", "\nFROM ${BASE}\n", "\nFROM ${BASE} AS below\nUSER root\nFROM below\n")
    assert service_.outcomes("docker")["user"] == "pass"
    service_.replace("Dockerfile", "USER 10001:10001\n", "")
    assert service_.said("docker", "user") == ("fail", "Dockerfile, line 10: USER root is root")


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        ("USER 10001:10001", "ARG WHO=root\nUSER ${WHO}", "user"),
        ('CMD ["python", "health.py"]', "CMD if curl -f localhost; then exit 0; else exit 0; fi", "health"),
    ],
)
def test_what_cannot_be_read_is_claimed(service_: Service, old: str, new: str, check: str) -> None:
    """The record of the image is what proves it: there, root is found."""
    service_.replace("Dockerfile", old, new)
    service_.observe()
    assert [(one.outcome, one.basis) for one in service_.findings_of("docker", check)] == [
        ("pass", "claimed")
    ]
    service_.again("image", lambda results: results.update(user="root", health="starting"))
    assert [one.outcome for one in service_.findings_of("docker", "smoke")] == ["fail", "fail"]


def test_a_base_that_its_stage_names(service_: Service) -> None:
    """As FROM has it, without an argument; records are of this base too."""
    text = (service_.root / "Dockerfile").read_text("utf-8")
    named = text.replace("ARG BASE=", "FROM ").replace("bookworm\n", "bookworm AS base\n")
    service_.write("Dockerfile", named.replace("${BASE}", "base"))
    service_.observe()
    assert service_.outcomes("docker") == dict.fromkeys(CHECKS, "pass")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("data\n.git\n.env\n", "pass"),
        ("**\n!src\n", "pass"),
        ("data/raw\n.git\n**/.env*\n", "pass"),
        ("*\n!data\n", "fail"),
        ("data\n.git\n", "fail"),
        ("data/raw/*.csv\n.git\n.env\n", "fail"),
        ("data/raw/*.csv*\n.git\n.env\n", "fail"),
        ("*\n!src\n!data/raw/*.gz\n", "fail"),
        ("*\n!src\n!data/raw/*.parquet\n", "fail"),
        ("data\n.env\n", "fail"),
        (".git\n.env\n!.env\n", "fail"),
        ("# data\n.git\n.env\n", "fail"),
        ("", "fail"),
    ],
)
def test_dockerignore(service_: Service, text: str, outcome: str) -> None:
    """The last rule that meets a file decides, as for Docker."""
    service_.write(".dockerignore", text)
    assert service_.outcomes("docker")["ignored"] == outcome


def test_rows_that_lie_elsewhere_stay_out_too(service_: Service) -> None:
    """Wherever [data] says that they are."""
    service_.write(".dockerignore", "data/raw\n.git\n.env\n")
    service_.param("files", '["./tables/sales.txt", "../elsewhere.csv", "/mnt/more.csv"]')
    found, text = service_.said("docker", "ignored")
    assert (found, text) == ("fail", ".dockerignore lets tables into the build")
    service_.write(".dockerignore", "data/raw\ntables\n.git\n.env\n")
    assert service_.outcomes("docker")["ignored"] == "pass"


def test_the_file_that_the_build_reads_rather(service_: Service) -> None:
    """Dockerfile.dockerignore alone decides where it is there."""
    service_.write("Dockerfile.dockerignore", "")
    said = "Dockerfile.dockerignore lets data/raw and .git and .env into the build"
    assert service_.said("docker", "ignored") == ("fail", said)
    service_.write("Dockerfile.dockerignore", "data\n.git\n.env\n")
    service_.write(".dockerignore", "")
    assert service_.said("docker", "ignored")[0] == "pass"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (LOCK, "pass"),
        (f"a[x]==1.0 ; python_version < '3.12' --hash=sha256:{HASH}\n", "pass"),
        (LOCK + f"./vendor/kit-1.0+v-py3-none-any.whl --hash=sha256:{HASH}\n", "pass"),
        (LOCK + f"kit @ file:vendor/kit-1.0-py3-none-any.whl --hash=sha256:{HASH}\n", "pass"),
        (LOCK + f"kit==1.0+vendored --hash=sha256:{HASH}\n", "pass"),
        (LOCK + "./vendor/kit-1.0-py3-none-any.whl\n", "fail"),
        (LOCK + f"kit @ https://x.org/kit.whl --hash=sha256:{HASH}\n", "fail"),
        (LOCK + "scipy==1.0\n", "fail"),
        (LOCK + f"scipy>=1.0 --hash=sha256:{HASH}\n", "fail"),
        (LOCK + "scipy @ https://x.org/s.whl\n", "fail"),
        (LOCK.replace(HASH, "abc"), "fail"),
        ("--extra-index-url https://x.org\n" + LOCK, "fail"),
        ("# nothing\n", "fail"),
    ],
)
def test_locks(service_: Service, text: str, outcome: str) -> None:
    """One version and hashes for each."""
    service_.write("requirements.lock", text)
    assert service_.outcomes("docker")["locks"] == outcome


@pytest.mark.parametrize(
    ("key", "value", "outcome", "says"),
    [
        ("digest", "sha256:12", "fail", "is no sha256 digest"),
        ("size_mb", 0, "fail", "0 MB"),
        ("size_mb", 4000, "fail", "4,000 MB"),
        ("read_only", False, "fail", "read-only"),
        ("user", "0:0", "fail", "ran as 0"),
        ("user", "", "fail", "nobody known"),
        ("health", "starting", "fail", "'starting'"),
        ("base", {"name": "python:3.13.5-slim-bookworm", "digest": None}, "fail", "no digest"),
        ("base", {"name": "ubuntu:1.2.3", "digest": f"sha256:{HASH}"}, "fail", "its base was ubuntu:1.2.3"),
        ("golden", {"rows": 0, "differing": 0, "largest_difference": 0}, "fail", "0 golden predictions"),
        ("golden", {"rows": 1, "differing": 1, "largest_difference": 0.2}, "fail", "1 of 1 golden"),
        ("golden", {"rows": 1, "differing": 0, "largest_difference": 0.2}, "fail", "up to 0.2"),
        ("stop", {"exit": 137, "seconds": 35.1}, "fail", "ended with 137 when it was asked to stop"),
        ("stop", {"seconds": 0.4}, "fail", "ended with None"),
        ("model", "c" * 64, "stale", "asked the model cccccccc"),
    ],
)
def test_what_a_record_of_an_image_must_say(
    service_: Service, key: str, value: Any, outcome: str, says: str
) -> None:
    """Each value that does not do is named."""
    service_.again("image", lambda results: results.update({key: value}))
    found, text = service_.said("docker", "smoke")
    assert (found, says in text) == (outcome, True), text


def test_a_record_of_another_source_is_stale(service_: Service) -> None:
    """And says what to run; the checks of files hold."""
    service_.write("src/app/api.py", "NAME = 2\n")
    assert {k: v for k, v in service_.outcomes("docker").items() if v != "pass"} == {"record": "stale"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "RUN true\n"])
def test_no_from_is_unknown(service_: Service, text: str) -> None:
    """An empty Dockerfile proves nothing."""
    service_.write("Dockerfile", text)
    assert service_.said("docker", "base") == ("unknown", "Dockerfile has no FROM")


def test_without_a_dockerfile_there_is_one_finding(service_: Service) -> None:
    """A proof of concept alone."""
    (service_.root / "Dockerfile").unlink()
    assert service_.outcomes("docker") == {"missing": "unknown"}


def test_a_signature_is_of_the_record_and_its_source(service_: Service) -> None:
    """Another record, or another source, is other content."""
    first = signed(step("docker"), service_.facts())
    service_.again("image", lambda results: results.update(size_mb=301.0))
    second = signed(step("docker"), service_.facts())
    service_.write("src/app/api.py", "NAME = 2\n")
    third = signed(step("docker"), service_.facts())
    assert [sorted(one) for one in (first, second, third)] == [["records/image#results", "source"]] * 3
    assert first["source"] == second["source"] != third["source"]
    assert len({str(one["records/image#results"]) for one in (first, second, third)}) == 3
