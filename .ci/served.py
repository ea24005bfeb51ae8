"""Start `make serve` in a project, ask it a golden prediction, and stop it: python .ci/served.py PROJECT."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

FOLDER = Path(sys.argv[1])
ADDRESS = "http://127.0.0.1:8000"
PATIENCE = 240


def ask(path: str, body: object = None) -> dict[str, object]:
    """What the API answers, as JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ADDRESS + path, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def ready(server: subprocess.Popen[bytes]) -> None:
    """Wait until the API is ready."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            ask("/ready")
            return
        except OSError:
            time.sleep(0.5)
    sys.exit("make serve did not come up")


server = subprocess.Popen(["make", "-C", str(FOLDER), "serve"], start_new_session=True)
try:
    ready(server)
    text = (FOLDER / "tests" / "golden" / "predictions.json").read_text(encoding="utf-8")
    golden = json.loads(text)["rows"][0]
    said = ask("/predict", golden["request"])
    print(f"/predict answered {said}, golden is {golden['answer']}")
    if {key: said[key] for key in golden["answer"]} != golden["answer"]:
        sys.exit("make serve answered another prediction than the golden one")
finally:
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(60)
