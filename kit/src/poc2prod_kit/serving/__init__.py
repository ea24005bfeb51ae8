"""What the API is made of: contract, serving model, server, and the records of what was observed."""

import os

# onnxruntime 1.29 and later ask DNS for a telemetry host unless this is set before its import.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
