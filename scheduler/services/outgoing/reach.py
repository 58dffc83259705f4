"""Which ways lead to a patient: an address, a consent, somebody who answers there (domain G)."""

from __future__ import annotations

import phonenumbers

from scheduler.models import Patient, Site
from scheduler.planning.find_text import digits

ELECTRONIC = ("email", "sms", "voice")
"""What leaves without a person, in the order in which it is tried after the patient's own wish."""
HOME = "US"
"""The country of numbers that are written without one."""
WHOLE = phonenumbers.ValidationResult.IS_POSSIBLE


def ways(patient: Patient, site: Site) -> tuple[str, ...]:
    """The usable ways, the patient's own wish first. Empty: a person writes and calls."""
    if patient.channel not in ELECTRONIC:
        return ()
    others = [one for one in ELECTRONIC if one != patient.channel]
    return tuple(one for one in (patient.channel, *others) if usable(patient, one, site))


def usable(patient: Patient, channel: str, site: Site) -> bool:
    """Allowed by the patient, provided by the site, and not known to lead nowhere."""
    if channel == "email":
        return by_mail(patient)
    allowed, there = {
        "sms": (patient.sms_ok, site.sms_on),
        "voice": (patient.voice_ok, site.voice_on),
    }[channel]
    return allowed and there and patient.phone_bad_at is None and bool(address(patient, channel))


def by_mail(patient: Patient) -> bool:
    """Whether mails, and so calendar entries, go out to this patient at all."""
    wished = patient.channel in ELECTRONIC and patient.email_ok
    return wished and patient.email_bad_at is None and bool(patient.email)


def address(patient: Patient, channel: str) -> str:
    """As it stands in an outbox row of that channel; empty where there is none."""
    return patient.email if channel == "email" else number(patient.phone)


def number(phone: str) -> str:
    """ "(212) 555-0123" as "+12125550123" (E.164) where it is whole, else its digits: without an
    area code nobody can tell whose it is."""
    try:
        found = phonenumbers.parse(phone, HOME)
    except phonenumbers.NumberParseException:
        return digits(phone)
    if phonenumbers.is_possible_number_with_reason(found) != WHOLE:
        return digits(phone)
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
