"""Invented people: names, telephone numbers and addresses that belong to nobody."""

from __future__ import annotations

from datetime import date, time, timedelta
from random import Random
from typing import Any

from scheduler.services.patients import Away, PatientRequest

FIRST = (
    "Ada", "Amir", "Anneke", "Bea", "Beno", "Carys", "Ciro", "Dalia", "Dov", "Edda", "Emre",
    "Esme", "Fay", "Finn", "Greta", "Gus", "Hana", "Hugo", "Ida", "Imran", "Iris", "Jonas",
    "Juno", "Kaia", "Karim", "Lena", "Linus", "Lucia", "Mara", "Mateo", "Mina", "Nell", "Niko",
    "Nora", "Odette", "Olaf", "Orla", "Pavel", "Petra", "Quinn", "Rafi", "Rhea", "Romy", "Ruben",
    "Saskia", "Selim", "Signe", "Stella", "Tamar", "Tobin", "Tova", "Uma", "Vera", "Viggo",
    "Wanda", "Wim", "Xenia", "Yara", "Yusuf", "Zelda", "Zeno", "Abel", "Birgit", "Colm", "Delia",
    "Ezra", "Flora", "Gideon", "Helga", "Ivo", "Jarek", "Klara", "Lionel", "Maeve", "Noam",
    "Oona", "Perrin", "Ramona", "Soren", "Thea", "Ulrik", "Verity", "Willa", "Yorick", "Alma",
    "Boris", "Celia", "Doran", "Elke", "Fergus", "Gilda", "Henrik", "Ilse", "Jorah", "Kester",
    "Lorna",
)  # fmt: skip
LAST = (
    "Abernathy", "Aldana", "Asante", "Barlow", "Bendix", "Birnbaum", "Calloway", "Castellan",
    "Corrigan", "Dahlberg", "Drummond", "Eastman", "Ekholm", "Fairweather", "Ferrante", "Galvin",
    "Gruber", "Haddad", "Hawthorne", "Ibarra", "Ivanova", "Jessup", "Jankowski", "Kettleman",
    "Kowal", "Lachance", "Lomax", "Madaki", "Marchetti", "Merriweather", "Nakagawa", "Novak",
    "Oduya", "Osterman", "Pacheco", "Pemberton", "Quigley", "Radcliffe", "Rosario", "Sandoval",
    "Sorensen", "Stavros", "Tanaka", "Thibault", "Underhill", "Valcourt", "Varga", "Wexler",
    "Whitlock", "Yamada", "Zabala", "Zimmer", "Ashdown", "Brannigan", "Crespo", "Devereux",
    "Engstrom", "Falk", "Gorman", "Hollis", "Iverson", "Jardine", "Kessler", "Lindgren",
    "Mansour", "Norling", "Okafor", "Prescott", "Renaud", "Silva", "Tremaine", "Usher", "Vickers",
    "Winslow", "Xanthos", "Yates", "Zeller", "Amsel", "Boateng", "Cardew", "Dubois", "Elstad",
    "Fonseca", "Granger", "Hatch", "Ilves", "Joubert", "Kaplan", "Larkin", "Moreau", "Nystrom",
    "Orton", "Pruitt", "Rask", "Sutter", "Tilley",
)  # fmt: skip
DRIVERS = (
    "Ben", "Clara", "Diego", "Elin", "Farah", "Georg", "Hattie", "Isak", "Joan", "Kemal", "Lise",
    "Marco",
)  # fmt: skip
STREETS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Hazel", "Juniper", "Linden")
NOTES = (
    "Prefers the chair by the window.",
    "Hard of hearing on the left side.",
    "Please call after 4:00 pm only.",
    "Needs the step-free entrance.",
)
BY_LETTER, BY_PHONE, BAD_ADDRESS = (7, 29), (18, 44), 12
"""Places in the list of those without e-mail, and of the one whose address bounces."""
BOUNCES = "@full-mailbox.example"


def people(count: int, monday: date, draw: Random) -> list[PatientRequest]:
    """`count` patients with everything the forms know; no two share a name."""
    firsts, lasts = list(FIRST), list(LAST)
    draw.shuffle(firsts)
    draw.shuffle(lasts)
    return [_one(place, (firsts[place], lasts[place]), monday, draw) for place in range(count)]


def _one(place: int, name: tuple[str, str], monday: date, draw: Random) -> PatientRequest:
    first, last = name
    born = date(monday.year - draw.randint(21, 74), draw.randint(1, 12), draw.randint(1, 28))
    channel = "letter" if place in BY_LETTER else "phone" if place in BY_PHONE else "email"
    mailed = channel == "email"
    if mailed and place % 8 == 5:
        channel = "sms"
    return PatientRequest(
        first_name=first,
        last_name=last,
        birth_on=born,
        email=_email(place, first, last) if mailed else "",
        phone=f"212-555-{place + 100:04}",
        address=f"{draw.randint(2, 89)} {draw.choice(STREETS)} Street, Halden",
        channel=channel,
        **_habits(place, monday, draw),
    )


def _email(place: int, first: str, last: str) -> str:
    domain = BOUNCES if place == BAD_ADDRESS else "@mail.example"
    return f"{first}.{last}{domain}".lower()


def _habits(place: int, monday: date, draw: Random) -> dict[str, Any]:
    """What some of them wish: days, hours, a driver, time away."""
    wishes: dict[str, Any] = {}
    if place % 3:
        wishes["driver_name"] = draw.choice(DRIVERS)
        wishes["driver_phone"] = f"212-555-{place + 300:04}"
        wishes["driver_ok"] = place % 3 == 1
    if place % 5 == 1:
        wishes["band_from"], wishes["band_until"] = time(8), time(12)
    if place % 7 == 3:
        wishes["weekdays"] = draw.choice(((0, 2, 4), (1, 3), (0, 1, 2, 3)))
    if place % 9 == 4:
        wishes["note"] = draw.choice(NOTES)
    if place % 11 == 5:
        starts = monday + timedelta(days=draw.randint(10, 24))
        wishes["away"] = (Away(starts_on=starts, ends_on=starts + timedelta(days=4)),)
    if place % 13 == 6:
        wishes["neutral_alarms"] = True
    wishes["sms_ok"], wishes["voice_ok"] = place % 4 != 2, place % 6 == 1
    wishes["language"] = "es" if place % 8 == 3 else "en"
    return wishes
