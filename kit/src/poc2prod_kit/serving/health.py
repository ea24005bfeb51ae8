"""What the container's engine asks every few seconds: 0 while the API here answers that it is ready.

Not urllib, which would ask a proxy of the environment.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException

TIMEOUT = 3.0


def ready(port: int) -> bool:
    """Whether GET /ready on this machine's `port` answers 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not ready(int(os.environ.get("PORT", "8000"))))
