"""Looking into parsed files whose shape nobody promised."""

from typing import Any


def lookup(tables: Any, key: str, default: Any) -> Any:
    """The value at a dotted key, or the default."""
    value = tables
    for name in key.split("."):
        if not isinstance(value, dict) or name not in value:
            return default
        value = value[name]
    return value


def listed(value: Any, key: str) -> list[Any]:
    """The list under a key; empty where there is none."""
    result = value.get(key) if isinstance(value, dict) else None
    return result if isinstance(result, list) else []


def not_a_report(content: Any, step: str) -> str:
    """Why a parsed file is no report of this step; empty if it is one."""
    if not isinstance(content, dict) or not content:
        return "holds no report"
    if content.get("schema") != 1 or isinstance(content.get("schema"), bool):
        return f"has schema {content.get('schema')!r}; this version reads 1"
    if content.get("step") != step:
        return f"is the report of the step {content.get('step')!r}"
    for part in ("inputs", "outputs"):
        value = content.get(part)
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            return f"has no table of {part}"
    if not isinstance(content.get("results"), dict) or not content["results"]:
        return "has no results"
    return ""
