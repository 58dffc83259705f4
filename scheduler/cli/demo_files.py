"""The demo's folder: what belongs to it, who uses it, whether its first start came to an end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scheduler.cli.words import CommandFailed
from scheduler.places import TOP

try:
    import fcntl
except ImportError:  # Windows: two demos on one folder are not told apart
    fcntl = None  # type: ignore[assignment]

DATABASE, SECRET, MAIL, LOCK, FILLED = (
    "chairtime.sqlite3", "secret_key", "mail", "in_use", "filled",
)  # fmt: skip
_BESIDE = ("", "-wal", "-shm", "-journal", ".gate")


def default() -> Path:
    """var/demo of a checkout; in the home folder where Chairtime is installed as a package."""
    if (TOP / "pyproject.toml").exists():
        return TOP / "var" / "demo"
    return Path.home() / ".chairtime" / "demo"


class Folder:
    """Raises CommandFailed where the folder cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Nobody else serves from it, or clears it, while the block runs."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / LOCK).open("a")
        except OSError as error:
            raise CommandFailed(f"{self.path} cannot be used: {error.strerror}.") from None
        with lock:
            if fcntl is not None:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    raise CommandFailed(
                        f"A demo is running with {self.path} already. Stop it, or choose another "
                        "folder with --data."
                    ) from None
            yield

    @property
    def database(self) -> Path:
        return self.path / DATABASE

    def is_filled(self) -> bool:
        return (self.path / FILLED).exists() and self.database.exists()

    def is_half_made(self) -> bool:
        """A database is there, but the first start was interrupted while it was filled."""
        return self.database.exists() and not (self.path / FILLED).exists()

    def mark_filled(self) -> None:
        (self.path / FILLED).touch()

    def clear(self) -> None:
        """Remove what the demo made, and nothing else that may lie in the folder."""
        (self.path / FILLED).unlink(missing_ok=True)
        for ending in _BESIDE:
            Path(f"{self.database}{ending}").unlink(missing_ok=True)
        (self.path / SECRET).unlink(missing_ok=True)
        mail = self.path / MAIL
        for letter in (*mail.glob("*.eml"), *mail.glob("*.part")):
            letter.unlink()
        if mail.is_dir() and not any(mail.iterdir()):
            mail.rmdir()
