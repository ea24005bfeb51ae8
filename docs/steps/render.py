"""Write the pages of this folder from their sources.

python docs/steps/render.py
"""

from __future__ import annotations

from pathlib import Path

from poc2prod.reports.page import pages

for name, text in pages().items():
    (Path(__file__).parent / name).write_text(text, encoding="utf-8", newline="\n")
