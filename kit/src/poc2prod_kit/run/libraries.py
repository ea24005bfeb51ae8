"""The versions of what makes the numbers: recorded beside results, to explain them; they are no inputs."""

from __future__ import annotations

from typing import Any

NAMES = ("numpy", "pandas", "scikit-learn", "scipy", "lightgbm")


def versions() -> dict[str, str]:
    """The version of Python and of each of these libraries that is installed."""
    import platform
    from importlib import metadata

    results = {"python": platform.python_version()}
    for name in NAMES:
        try:
            results[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return results


def changes(then: Any, now: Any) -> str:
    """What changed between two recorded tables of versions: `scipy 1.15.0 → 1.16.1`; empty if nothing."""
    if not isinstance(then, dict) or not isinstance(now, dict):
        return ""
    names = [name for name in sorted({*then, *now}, key=str) if then.get(name) != now.get(name)]
    return ", ".join(f"{name} {then.get(name, 'none')} → {now.get(name, 'none')}" for name in names)
