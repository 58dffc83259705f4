"""Claims: the spans that live visits hold, and the database's own promise that none overlap.

A claim is a half-open UTC span [starts_at, ends_at), made when a visit takes its place and deleted
when it gives it up; never changed (house decision 1, trust I1).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime


class _Span(OfClinic):
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ChairClaim(_Span, Model):
    """A chair from the visit's start until it is clean again."""

    __tablename__ = "chair_claims"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="positive"),
        Index("ix_chair_claims_probe", "organisation_id", "chair_id", "ends_at"),
    )

    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    chair_id: Mapped[int] = mapped_column(ForeignKey("chairs.id"), primary_key=True)


class PatientClaim(_Span, Model):
    """The patient from arrival to leaving; at most one sedating visit a local day (domain H2)."""

    __tablename__ = "patient_claims"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="positive"),
        Index("ix_patient_claims_probe", "organisation_id", "patient_id", "ends_at"),
        UniqueConstraint(
            "organisation_id", "patient_id", "sedating_on", name="uq_patient_claims_sedating"
        ),
    )

    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    sedating_on: Mapped[date | None]  # the site's local date; NULL (never equal) if not sedating


# The migration carries frozen copies of these; a test holds both against each other.
POSTGRES_GUARD = """ALTER TABLE {table} ADD CONSTRAINT ex_{table}_overlap EXCLUDE USING gist
  (organisation_id WITH =, {owner} WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)"""
SQLITE_GUARD = """CREATE TRIGGER ex_{table}_overlap_{event} BEFORE {event} ON {table} BEGIN
  SELECT RAISE(ABORT, 'ex_{table}_format')
    WHERE NEW.starts_at NOT GLOB '{stamp}' OR NEW.ends_at NOT GLOB '{stamp}';
  SELECT RAISE(ABORT, 'ex_{table}_overlap') WHERE EXISTS (SELECT 1 FROM {table} other
    WHERE other.organisation_id = NEW.organisation_id AND other.{owner} = NEW.{owner}
      AND other.rowid IS NOT {me}
      AND other.ends_at > NEW.starts_at AND other.starts_at < NEW.ends_at);
END"""
# Text compares as time only if every writer, raw SQL too, uses one form.
_STAMP = "????-??-?? ??:??:??.??????"
_OWNERS = (("chair_claims", "chair_id"), ("patient_claims", "patient_id"))


def guard_ddl(dialect: str) -> list[str]:
    """The statements to execute after the claims tables are made (or batch-rebuilt)."""
    if dialect == "postgresql":
        guards = [POSTGRES_GUARD.format(table=table, owner=owner) for table, owner in _OWNERS]
        return ["CREATE EXTENSION IF NOT EXISTS btree_gist", *guards]
    events = (("INSERT", "NULL"), ("UPDATE", "OLD.rowid"))
    return [
        SQLITE_GUARD.format(table=table, owner=owner, event=event_name, me=me, stamp=_STAMP)
        for table, owner in _OWNERS
        for event_name, me in events
    ]


def _guard_after_create_all() -> None:
    """`create_all()` gives the same promise as the migrations."""
    for dialect in ("postgresql", "sqlite"):
        for statement in guard_ddl(dialect):
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(Model.metadata, "after_create", ddl.execute_if(dialect=dialect))


_guard_after_create_all()
