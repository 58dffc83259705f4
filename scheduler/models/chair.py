"""A chair, room or bay that holds one patient at a time."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic

CHAIR_KINDS = ("chair", "room", "bay")


class Chair(OfClinic, Model):
    __tablename__ = "chairs"
    __table_args__ = (
        UniqueConstraint("organisation_id", "site_id", "name", name="uq_chairs_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20), default="chair")
    in_service: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)  # order on the board
    version: Mapped[int] = mapped_column(default=1)

    @property
    def is_bay(self) -> bool:
        """For recovery only: no visit starts there (domain C)."""
        return self.kind == "bay"
