"""Where the files beside the package lie: at the top of a checkout, or in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_bundled"
TOP = _BUNDLED if _BUNDLED.exists() else _PACKAGE.parent
TEMPLATES = TOP / "templates"
MIGRATIONS = TOP / "migrations"
