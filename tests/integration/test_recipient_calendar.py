"""Whatever happens, in whatever order: in the end the patients' calendars show what is booked."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from scheduler.extensions import db
from scheduler.models import Patient, Visit
from scheduler.services.own import feed_content, feeds
from tests.calendar_readers import parse
from tests.four_readers import found_by_all
from tests.random_clinic import RandomClinic

STEPS = {"sqlite": 2000, "postgresql": 100}
SEED = 20270104
MOST_READ = 150
Shown = dict[str, tuple[datetime, datetime, str]]


def booked(visits: list[Visit], now: datetime, without: set[int]) -> Shown:
    """What a calendar must show of these visits."""
    status = {"booked": "CONFIRMED", "confirmed": "CONFIRMED", "held": "TENTATIVE"}
    return {
        one.uid: (one.arrives_at, one.leaves_at, status[one.state])
        for one in visits
        if one.state in status and one.starts_at > now and one.id not in without
    }


def fed(patient: Patient, running: RandomClinic) -> dict[str, str]:
    """UID -> status in the patient's feed, of what is not cancelled and lies ahead."""
    actor, now = running.actor, running.now
    token = feeds.rotate(patient.id, actor, now=now, undo_seconds=180)
    events = parse(feed_content.read(token, now=now).data).children("VEVENT")
    return {one.one("UID"): one.one("STATUS") for one in events if one.one("STATUS") != "CANCELLED"}


def test_what_left_leaves_every_calendar_equal_to_the_plan(ground: Flask, engine_name: str) -> None:
    with ground.app_context():
        running = RandomClinic.open(ground, SEED)
        running.run(STEPS[engine_name])
        running.settle()
        people, given_up = running.post.people, running.given_up()
        people.assert_in_order()
        assert len(given_up) < 20, running.done
        for patient in running.patient_rows():
            visits = running.of_patient(patient.id)
            expected = booked(visits, running.now, given_up)
            doubtful = {one.uid for one in visits if one.id in given_up}
            for address in list(people.calendars):
                mine = {one.uid for one in visits} - doubtful
                found = {
                    uid: entry
                    for uid, entry in people.shown(address, running.now).items()
                    if uid in mine
                }
                here = address == patient.email and patient.calendar == "invites"
                assert found == (expected if here else {}), (address, running.done)
        for patient_id in running.clinic.patient_ids:
            patient = db.session.get_one(Patient, patient_id)
            expected = booked(running.of_patient(patient_id), running.now, set())
            ahead = {uid: status for uid, (_, _, status) in expected.items()}
            assert ahead.items() <= fed(patient, running).items()
        files = [data for _, _, _, data in people.came]
        found_by_all(files[:: max(1, len(files) // MOST_READ)])
        assert running.done["move"] > 100 or engine_name == "postgresql"
