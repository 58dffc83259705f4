"""Everything that a link in a message opens: the patient's page, the end of messages, the ride."""

from __future__ import annotations

from scheduler.web import (
    driver_page,
    patient_after,
    patient_calendar,
    patient_changes,
    patient_page,
    unsubscribe,
)

PARTS = (patient_page, patient_changes, patient_after, patient_calendar)
"""Modules whose routes are those of the patient's page."""
bps = (patient_page.bp, unsubscribe.bp, driver_page.bp)
