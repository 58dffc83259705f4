"""Reminders by every way, replies, links, consents, recalls, a clinic's own texts.

Plain ALTER TABLE .. ADD COLUMN only: a table that is rebuilt would lose its triggers on SQLite.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_mailboxes()
    _create_consents()
    _create_message_texts()
    _create_recalls()
    _create_answers()
    _create_links()
    _create_inbound()
    _widen_heartbeats()
    _widen_organisations()
    _widen_outbox()
    _widen_patients()
    _widen_series()
    _widen_sites()
    _widen_tasks()
    _widen_visits()


def _create_mailboxes() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("uid_validity", sa.Integer(), nullable=False),
        sa.Column("last_uid", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trouble", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mailboxes")),
    )


def _create_consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_consents_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_consents_patient_id_patients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(
        op.f("ix_consents_organisation_id"), "consents", ["organisation_id"], unique=False
    )
    op.create_index(
        "ix_consents_patient", "consents", ["organisation_id", "patient_id", "id"], unique=False
    )


def _create_message_texts() -> None:
    op.create_table(
        "message_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_message_texts_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_message_texts_site_id_sites")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_texts")),
        sa.UniqueConstraint(
            "organisation_id", "site_id", "language", "key", "version", name="uq_message_texts"
        ),
    )
    op.create_index(
        op.f("ix_message_texts_organisation_id"), "message_texts", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_message_texts_site_id"), "message_texts", ["site_id"], unique=False)


def _create_recalls() -> None:
    op.create_table(
        "recalls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("after_visit_id", sa.Integer(), nullable=False),
        sa.Column("protocol_version_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=80), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("overdue_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), server_default=sa.text("'open'"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("outcome", sa.String(length=300), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["after_visit_id"], ["visits.id"], name=op.f("fk_recalls_after_visit_id_visits")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_recalls_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_recalls_patient_id_patients")
        ),
        sa.ForeignKeyConstraint(
            ["protocol_version_id"],
            ["protocol_versions.id"],
            name=op.f("fk_recalls_protocol_version_id_protocol_versions"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_recalls_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalls")),
    )
    op.create_index(
        "ix_recalls_due", "recalls", ["organisation_id", "state", "due_on"], unique=False
    )
    op.create_index(
        op.f("ix_recalls_organisation_id"), "recalls", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_recalls_patient_id"), "recalls", ["patient_id"], unique=False)
    op.create_index(op.f("ix_recalls_site_id"), "recalls", ["site_id"], unique=False)
    op.create_index(
        "uq_recalls_after", "recalls", ["organisation_id", "after_visit_id", "phase"], unique=True
    )


def _create_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_answers_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_answers_outbox_id_outbox")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_answers_patient_id_patients")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_answers_visit_id_visits")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index(
        op.f("ix_answers_organisation_id"), "answers", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_answers_outbox_id"), "answers", ["outbox_id"], unique=False)
    op.create_index(
        "ix_answers_patient", "answers", ["organisation_id", "patient_id", "id"], unique=False
    )
    op.create_index(op.f("ix_answers_visit_id"), "answers", ["visit_id"], unique=False)


def _create_links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("chair_id", sa.Integer(), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["chair_id"], ["chairs.id"], name=op.f("fk_links_chair_id_chairs")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_links_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_links_outbox_id_outbox")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_links_patient_id_patients")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_links_site_id_sites")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_links_visit_id_visits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_organisation_id"), "links", ["organisation_id"], unique=False)
    op.create_index("ix_links_patient", "links", ["organisation_id", "patient_id"], unique=False)
    op.create_index(
        "uq_links_token_hash", "links", ["organisation_id", "token_hash"], unique=True
    )
    op.create_index("ix_links_token_hash", "links", ["token_hash"], unique=False)


def _create_inbound() -> None:
    op.create_table(
        "inbound",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("comment", sa.String(length=1000), server_default=sa.text("''"), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_inbound_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_inbound_outbox_id_outbox")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_inbound_patient_id_patients")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_inbound_task_id_tasks")),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_inbound_visit_id_visits")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
    )
    op.create_index("ix_inbound_clinic", "inbound", ["organisation_id", "id"], unique=False)
    op.create_index("ix_inbound_message_id", "inbound", ["message_id"], unique=False)
    op.create_index(op.f("ix_inbound_outbox_id"), "inbound", ["outbox_id"], unique=False)
    op.create_index(op.f("ix_inbound_patient_id"), "inbound", ["patient_id"], unique=False)
    op.create_index(op.f("ix_inbound_visit_id"), "inbound", ["visit_id"], unique=False)
    op.create_index("uq_inbound_digest", "inbound", ["digest"], unique=True)


def _widen_heartbeats() -> None:
    op.add_column(
        "heartbeats", sa.Column("phone_paused_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "heartbeats",
        sa.Column(
            "phone_paused_why", sa.String(length=300), server_default=sa.text("''"), nullable=False
        ),
    )
    op.add_column("heartbeats", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))


def _widen_organisations() -> None:
    op.add_column(
        "organisations",
        sa.Column("zone_data", sa.String(length=20), server_default=sa.text("''"), nullable=False),
    )


def _widen_outbox() -> None:
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.create_index("ix_outbox_due", "outbox", ["state", "due_at", "id"], unique=False)
    op.add_column(
        "outbox",
        sa.Column(
            "channel", sa.String(length=10), server_default=sa.text("'email'"), nullable=False
        ),
    )
    op.add_column(
        "outbox",
        sa.Column("rule_id", sa.String(length=20), server_default=sa.text("''"), nullable=False),
    )
    op.add_column(
        "outbox",
        sa.Column("about", sa.String(length=60), server_default=sa.text("''"), nullable=False),
    )
    op.add_column(
        "outbox",
        sa.Column("wording", sa.String(length=60), server_default=sa.text("''"), nullable=False),
    )
    op.add_column(
        "outbox",
        sa.Column(
            "server_said", sa.String(length=300), server_default=sa.text("''"), nullable=False
        ),
    )
    op.add_column("outbox", sa.Column("provider_ref", sa.String(length=120), nullable=True))
    op.add_column(
        "outbox",
        sa.Column("delivery", sa.String(length=20), server_default=sa.text("''"), nullable=False),
    )
    op.add_column("outbox", sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_outbox_message_id", "outbox", ["message_id"], unique=False)
    op.create_index("ix_outbox_provider_ref", "outbox", ["provider_ref"], unique=False)
    op.create_index(
        "uq_outbox_about",
        "outbox",
        ["organisation_id", "about", "version", "recipient", "kind", "resend_no"],
        unique=True,
        sqlite_where=sa.text("about <> ''"),
        postgresql_where=sa.text("about <> ''"),
    )


def _widen_patients() -> None:
    op.add_column(
        "patients",
        sa.Column("driver_ok", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "patients",
        sa.Column("language", sa.String(length=8), server_default=sa.text("'en'"), nullable=False),
    )
    op.add_column(
        "patients",
        sa.Column(
            "calendar", sa.String(length=10), server_default=sa.text("'invites'"), nullable=False
        ),
    )
    op.add_column(
        "patients", sa.Column("email_ok", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column(
        "patients", sa.Column("sms_ok", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "patients", sa.Column("voice_ok", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "patients",
        sa.Column("no_voicemail", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("patients", sa.Column("email_bad_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("patients", sa.Column("phone_bad_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "patients", sa.Column("prep", sa.JSON(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("patients", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "patients",
        sa.Column(
            "suspended_why", sa.String(length=200), server_default=sa.text("''"), nullable=False
        ),
    )


def _widen_series() -> None:
    op.add_column(
        "series", sa.Column("prep", sa.JSON(), server_default=sa.text("'{}'"), nullable=False)
    )


def _widen_sites() -> None:
    op.add_column(
        "sites", sa.Column("prep", sa.JSON(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "sites", sa.Column("ladder", sa.JSON(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "sites",
        sa.Column("discreet_words", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
    )
    op.add_column(
        "sites", sa.Column("sms_on", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "sites", sa.Column("voice_on", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "sites",
        sa.Column(
            "self_service", sa.String(length=10), server_default=sa.text("'move'"), nullable=False
        ),
    )
    op.add_column(
        "sites",
        sa.Column("messages_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.add_column(
        "sites",
        sa.Column("prep_waits", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("sites", sa.Column("ladder_behind", sa.Integer(), nullable=True))


def _widen_tasks() -> None:
    op.add_column(
        "tasks", sa.Column("priority", sa.Integer(), server_default=sa.text("2"), nullable=False)
    )
    op.add_column(
        "tasks", sa.Column("facts", sa.JSON(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "tasks", sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )


def _widen_visits() -> None:
    op.add_column("visits", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "visits",
        sa.Column(
            "partstat",
            sa.String(length=20),
            server_default=sa.text("'NEEDS-ACTION'"),
            nullable=False,
        ),
    )
    op.add_column("visits", sa.Column("partstat_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "visits",
        sa.Column("coming", sa.String(length=10), server_default=sa.text("''"), nullable=False),
    )
    op.add_column(
        "visits",
        sa.Column(
            "driver_name", sa.String(length=200), server_default=sa.text("''"), nullable=False
        ),
    )
    op.add_column(
        "visits",
        sa.Column(
            "driver_phone", sa.String(length=40), server_default=sa.text("''"), nullable=False
        ),
    )
    op.add_column(
        "visits", sa.Column("driver_ok", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "visits",
        sa.Column(
            "driver_says", sa.String(length=10), server_default=sa.text("''"), nullable=False
        ),
    )
    op.add_column("visits", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Answers, consents and links would be lost: restore a backup instead."""
    raise NotImplementedError("messages and replies cannot be taken out again")
