"""One worker at a time on SQLite; chores that bear each other's errors (house decision 6)."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduler.mail.folder import FolderTransport
from scheduler.worker.chores import Chore, Rounds
from scheduler.worker.jobs import do_chores
from scheduler.worker.postman import Postman
from scheduler.worker.seat import Seat

NOW = datetime(2027, 1, 4, 15, 0, tzinfo=UTC)


def test_a_second_worker_on_sqlite_waits_until_the_first_has_gone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'clinic.sqlite3'}"
    first, second = Seat(url), Seat(url)
    assert [first.is_ours(), second.is_ours(), first.is_ours()] == [True, False, True]
    first.leave()
    assert second.is_ours()
    second.leave()


def test_on_postgresql_there_is_a_seat_for_each() -> None:
    assert all(Seat("postgresql+psycopg://host/clinic").is_ours() for _ in range(2))


def test_a_chore_that_fails_delays_no_other_and_each_keeps_its_own_time(tmp_path: Path) -> None:
    done: list[datetime] = []

    def breaks(*, now: datetime) -> int:
        raise LookupError("somebody@mail.example")

    def works(*, now: datetime) -> int:
        done.append(now)
        return 1

    chores = (
        Chore(name="breaks", every=timedelta(minutes=1), run=breaks),
        Chore(name="works", every=timedelta(minutes=1), run=works),
    )
    postman = Postman("one", nullcontext, FolderTransport(tmp_path), rounds=Rounds(chores))
    for seconds in (0, 59, 60, -3600):
        postman.clock = lambda at=NOW + timedelta(seconds=seconds): at  # type: ignore[misc]
        do_chores(postman)
    assert done == [NOW, NOW + timedelta(minutes=1), NOW - timedelta(hours=1)]
