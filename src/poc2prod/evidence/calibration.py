"""Whether probabilities are calibrated, according to a report."""

from typing import Any


def off(reported: dict[str, Any]) -> str:
    """A sentence if probabilities are off by more than noise explains, else empty."""
    if reported.get("verdict") != "miscalibrated":
        return ""
    error, noise = (_shown(reported.get(key)) for key in ("expected_calibration_error", "noise_high"))
    return (
        f"the probabilities are miscalibrated: off by {error} on average on validation rows, and noise "
        "explains at"
        f" most {noise}"
    )


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, (int, float)) else "?"
