"""Who is on site by date, equipment that is counted, recovery bays, clearances, planning limits.

Plain ALTER TABLE .. ADD COLUMN only: a table that is rebuilt would lose its triggers on SQLite.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Both databases take a named constraint inside ADD COLUMN; Alembic would rebuild the table for it.
NEW_COLUMNS = (
    "ALTER TABLE cover ADD COLUMN role VARCHAR(10) DEFAULT 'nurse' NOT NULL"
    " CONSTRAINT ck_cover_role CHECK (role IN ('nurse', 'provider'))",
    "ALTER TABLE visits ADD COLUMN bay_id INTEGER"
    " CONSTRAINT fk_visits_bay_id_chairs REFERENCES chairs (id)",
    "ALTER TABLE visit_history ADD COLUMN bay_id INTEGER"
    " CONSTRAINT fk_visit_history_bay_id_chairs REFERENCES chairs (id)",
)


def upgrade() -> None:
    for statement in NEW_COLUMNS:
        op.execute(statement)
    _add_planning_settings()
    _create_cover_changes()
    _create_equipment()
    _create_outages()
    _create_clearances()


def _add_planning_settings() -> None:
    for column in (
        sa.Column(
            "preset", sa.String(length=20), server_default=sa.text("'fill_early'"), nullable=False
        ),
        sa.Column("weights", sa.JSON(), nullable=True),
        sa.Column(
            "patients_per_provider", sa.Integer(), server_default=sa.text("4"), nullable=False
        ),
        sa.Column("max_sedating_per_nurse", sa.Integer(), nullable=True),
        sa.Column("latest_start", sa.Time(), nullable=True),
        sa.Column("capacity_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
    ):
        op.add_column("sites", column)


def _create_cover_changes() -> None:
    op.create_table(
        "cover_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_cover_changes_positive")),
        sa.CheckConstraint("number <> 0", name=op.f("ck_cover_changes_number")),
        sa.CheckConstraint("role IN ('nurse', 'provider')", name=op.f("ck_cover_changes_role")),
        *_of_a_site("cover_changes"),
    )
    _index_spans("cover_changes")


def _create_equipment() -> None:
    op.create_table(
        "equipment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_equipment_count")),
        sa.CheckConstraint("kind IN ('pump', 'monitor')", name=op.f("ck_equipment_kind")),
        *_of_a_site("equipment"),
        sa.UniqueConstraint("organisation_id", "site_id", "kind", name="uq_equipment_kind"),
    )
    op.create_index(
        op.f("ix_equipment_organisation_id"), "equipment", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_equipment_site_id"), "equipment", ["site_id"], unique=False)


def _create_outages() -> None:
    op.create_table(
        "equipment_outages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_equipment_outages_positive")),
        sa.CheckConstraint("kind IN ('pump', 'monitor')", name=op.f("ck_equipment_outages_kind")),
        sa.CheckConstraint("number > 0", name=op.f("ck_equipment_outages_number")),
        *_of_a_site("equipment_outages"),
    )
    _index_spans("equipment_outages")


def _create_clearances() -> None:
    op.create_table(
        "clearances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_clearances_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_clearances_patient_id_patients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearances")),
    )
    op.create_index(
        op.f("ix_clearances_organisation_id"), "clearances", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_clearances_patient_id"), "clearances", ["patient_id"], unique=False)


def _of_a_site(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f(f"fk_{table}_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f(f"fk_{table}_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _index_spans(table: str) -> None:
    op.create_index(op.f(f"ix_{table}_organisation_id"), table, ["organisation_id"], unique=False)
    op.create_index(op.f(f"ix_{table}_site_id"), table, ["site_id"], unique=False)
    op.create_index(
        f"ix_{table}_span", table, ["organisation_id", "site_id", "ends_at"], unique=False
    )


def downgrade() -> None:
    """A site would lose its absences and its equipment: restore a backup instead."""
    raise NotImplementedError("staff and equipment cannot be taken out again")
