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

EXAMPLES = "contract/examples.json"
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
        return self._ask("GET", path, None)

    def post(self, path: str, content: Any) -> tuple[int, Any]:
        """Status, and the JSON of the answer; None where it is none."""
        status, body = self._ask("POST", path, json.dumps(content).encode())
        try:
            return status, json.loads(body)
        except ValueError:
            return status, None

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """The answer; once more over a new connection where the server has ended the one that lay idle."""
        kept = self.connection.sock is not None
        try:
            return self._once(method, path, body)
        except ConnectionError:
            if not kept:
                raise
            return self._once(method, path, body)

    def _once(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            self.connection.request(method, self.path + path, body, headers)
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise


def version(caller: Caller) -> Json:
    """What /version says; nothing where it is no JSON object."""
    try:
        content = json.loads(caller.get("/version")[1])
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def requests(root: Path) -> tuple[list[Json], list[Json]]:
    """The good requests, and the bad ones with their field and why, of contract/examples.json."""
    try:
        content = json.loads((root / EXAMPLES).read_text(encoding="utf-8"))
        return examples.whole(content)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        name = package().name
        raise ProjectError(
            f"{EXAMPLES} is not there or not whole. Make it: python -m {name} contract"
        ) from None


def compare(caller: Caller, pairs: Golden) -> Json:
    """How many golden rows are answered otherwise than offline, and the largest difference of a number."""
    items = [caller.post("/predict", request) for request, _ in pairs]
    return compared(
        [(answer if status == 200 else None) for status, answer in items], [one for _, one in pairs]
    )


def compared(said: Sequence[Any], expected: Sequence[Json]) -> Json:
    """How many answers are not as expected, and the largest difference of a number; None beyond numbers."""
    reach = spread(expected)
    gaps = [apart(one, other, reach) for one, other in zip(said, expected, strict=True)]
    largest = max(gaps, default=0.0)
    return {
        "rows": len(gaps),
        "differing": sum(gap > TOLERANCE for gap in gaps),
        "largest_difference": largest if math.isfinite(largest) else None,
    }


def apart(said: Any, expected: Json, reach: float) -> float:
    """How far an answer is from another: probabilities as such, numbers by their size or the spread of all.

    Infinite where they differ in more than numbers.
    """
    if not isinstance(said, dict):
        return math.inf
    ours, theirs = _numbers(said), _numbers(expected)
    plain = {key: value for key, value in expected.items() if key == "prediction" and key not in theirs}
    if set(ours) != set(theirs) or any(said.get(key) != value for key, value in plain.items()):
        return math.inf
    scale = {key: max(abs(value), reach) if key == "prediction" else 1.0 for key, value in theirs.items()}
    return max((abs(ours[key] - theirs[key]) / (scale[key] or 1.0) for key in theirs), default=0.0)


def spread(answers: Sequence[Mapping[str, Any]]) -> float:
    """Largest less smallest number predicted; 0 for classes."""
    numbers = [_numbers(one)["prediction"] for one in answers if "prediction" in _numbers(one)]
    return max(numbers) - min(numbers) if numbers else 0.0


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


def _numbers(answer: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of an answer by their place."""
    results = {key: answer.get(key) for key in ("prediction", "probability")}
    shares = answer.get("probabilities")
    results |= (
        {f"probabilities.{key}": value for key, value in shares.items()} if isinstance(shares, dict) else {}
    )
    return {
        k: float(v) for k, v in results.items() if isinstance(v, (int, float)) and not isinstance(v, bool)
    }
