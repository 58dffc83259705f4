"""On SQLite one worker works at a time; a second one waits for the seat (house decision 6)."""

from __future__ import annotations

from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: the leases alone keep two workers apart
    fcntl = None  # type: ignore[assignment]

SQLITE = "sqlite:///"


class Seat:
    """An flock on `<database>.worker`: the system frees it when its holder dies, however."""

    def __init__(self, database_url: str) -> None:
        path = database_url.removeprefix(SQLITE) if database_url.startswith(SQLITE) else ""
        self._path = Path(f"{path}.worker") if path else None
        self._file: IO[str] | None = None

    def is_ours(self) -> bool:
        """Takes it if it is free. PostgreSQL has seats for all."""
        if self._path is None or fcntl is None or self._file is not None:
            return True
        file = self._path.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def leave(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
