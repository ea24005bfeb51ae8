"""What a running API is asked besides load: golden rows, bad requests, and each endpoint, over real HTTP."""

from __future__ import annotations

import http.client
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from poc2prod_kit.run.errors import ProjectError
from poc2prod_kit.run.paths import package
from poc2prod_kit.serving import examples

GETS = ("/health", "/ready", "/metrics", "/version", "/openapi.json")
TOLERANCE = 1e-5
MOST_SHOWN = 5
Json = dict[str, Any]
Golden = Sequence[tuple[Json, Json]]


class Caller:
    """Asks one API. Raises OSError or http.client.HTTPException where nobody answers."""

    def __init__(self, url: str, seconds: float = 30.0) -> None:
        address = urlsplit(url if "://" in url else f"http://{url}")
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ProjectError(f"--url {url!r} is no address of an API: give one like http://127.0.0.1:8000")
        self.url, self.path = f"{address.scheme}://{address.netloc}{address.path}", address.path.rstrip("/")
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(address.hostname, address.port, timeout=seconds)

    def close(self) -> None:
        """Let go of the connection; asking again makes another."""
        self.connection.close()

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        return self._ask("GET", path)

    def post(self, path: str, content: Any) -> tuple[int, Any]:
        """Status, and the JSON of the answer; None where it is none."""
        status, body = self._ask("POST", path, json.dumps(content).encode())
        return status, _parsed(body)

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        # Once more over a new connection, where the server has ended the one that lay idle.
        idle = self.connection.sock is not None
        headers = {"Content-Type": "application/json"} if body is not None else {}
        while True:
            try:
                self.connection.request(method, self.path + path, body, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.connection.close()
                if not idle or not isinstance(error, ConnectionError):
                    raise
                idle = False


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def version(caller: Caller) -> Json:
    """What /version says; nothing where it is no JSON object."""
    content = _parsed(caller.get("/version")[1])
    return content if isinstance(content, dict) else {}


def requests(root: Path) -> tuple[list[Json], list[Json]]:
    """The good requests, and the bad ones with their field and why, of contract/examples.json."""
    try:
        return examples.whole(json.loads((root / examples.EXAMPLES).read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        again = f"python -m {package().name} contract"
        raise ProjectError(f"{examples.EXAMPLES} is not there or not whole. Make it: {again}") from None


def compare(caller: Caller, pairs: Golden) -> Json:
    """How many golden rows are answered otherwise than offline, and the largest difference of a number."""
    items = [caller.post("/predict", request) for request, _ in pairs]
    return compared(
        [answer if status == 200 else None for status, answer in items], [due for _, due in pairs]
    )


def compared(answers: Sequence[Any], expected: Sequence[Json]) -> Json:
    """How many answers are not as expected, and the largest difference of a number; None beyond numbers."""
    numbers = [one["prediction"] for one in expected if _is_number(one.get("prediction"))]
    spread = max(numbers) - min(numbers) if numbers else 0.0
    gaps = [apart(one, other, spread) for one, other in zip(answers, expected, strict=True)]
    largest = max(gaps, default=0.0)
    return {
        "rows": len(gaps),
        "differing": sum(gap > TOLERANCE for gap in gaps),
        "largest_difference": largest if math.isfinite(largest) else None,
    }


def apart(answer: Any, expected: Json, spread: float) -> float:
    """How far an answer is from another: probabilities as such, numbers by their size or the spread of all.

    Infinite where they differ in more than numbers.
    """
    ours, theirs = _flat(answer), _flat(expected)
    if ours.keys() != theirs.keys():
        return math.inf
    largest = 0.0
    for key, due in theirs.items():
        if _is_number(due) and _is_number(ours[key]):
            size = max(abs(due), spread) if key == "prediction" else 1.0
            largest = max(largest, abs(ours[key] - due) / (size or 1.0))
        elif ours[key] != due:
            return math.inf
    return largest


def refused(caller: Caller, bad: Sequence[Json]) -> Json:
    """How many bad requests get a 4xx that names the field that is wrong in them; the first that do not."""
    missed = []
    for one in bad:
        status, text = caller.post("/predict", one["request"])
        errors = text.get("errors", []) if isinstance(text, dict) else []
        if not (400 <= status < 500 and one["field"] in [error.get("field") for error in errors]):
            missed.append(f"{one['field']}, {one['why']}: {status}")
    return {"tried": len(bad), "named": len(bad) - len(missed), "examples": missed[:MOST_SHOWN]}


def endpoints(caller: Caller, request: Json) -> dict[str, int]:
    """The status that each endpoint answers."""
    results = {path: caller.get(path)[0] for path in GETS}
    results["/predict"] = caller.post("/predict", request)[0]
    results["/predict/batch"] = caller.post("/predict/batch", {"rows": [request]})[0]
    return results


def _flat(answer: Any) -> Json:
    """The values of an answer by their place, the probability of each class on its own."""
    if not isinstance(answer, Mapping):
        return {}
    shares = answer.get("probabilities")
    shares = shares if isinstance(shares, Mapping) else {}
    flat = {f"probabilities.{key}": value for key, value in shares.items()}
    return flat | {key: answer[key] for key in ("prediction", "probability") if key in answer}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
