"""Whether probabilities mean what they say, as a report tells it."""

from typing import Any


def off(told: dict[str, Any]) -> str:
    """A sentence where probabilities are off by more than noise explains; empty where they are not."""
    if told.get("verdict") != "miscalibrated":
        return ""
    error, noise = (_shown(told.get(key)) for key in ("expected_calibration_error", "noise_high"))
    return (
        f"probabilities do not mean what they say: off by {error} on average on validation rows, where noise"
        f" explains {noise} at most"
    )


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, (int, float)) else "?"
