"""Column kinds that every table needs: aware UTC instants, and the clinic that a row belongs to."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, ForeignKey, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column


class UTCDateTime(TypeDecorator[datetime]):
    """timestamptz on PostgreSQL; fixed-width UTC text on SQLite, so text order is time order.

    Always aware in Python. Raises ValueError for a naive datetime.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class OfClinic:
    """A row of one organisation's data; the key stands first in its unique constraints (house
    decision 4)."""

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
