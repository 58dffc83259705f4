"""`user add | change | list`: who may sign in, from the command line of the machine itself."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence

from flask import current_app
from flask_security import hash_password

from scheduler import create_app
from scheduler.cli.db import refuse_old_database, using
from scheduler.cli.words import CommandFailed, say
from scheduler.clock import utcnow
from scheduler.services import people
from scheduler.services.rights import ROLES

ROLES_HELP = f"one or more of {', '.join(ROLES)}; separate them by commas"


def run(arguments: Sequence[str]) -> int:
    chosen = _parser().parse_args(arguments)
    app = create_app()
    refuse_old_database(app)
    with using(app):
        {"add": _add, "change": _change, "list": _list}[chosen.what](chosen)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scheduler user", description="Who may sign in.")
    verbs = parser.add_subparsers(dest="what", required=True, metavar="add | change | list")
    add = verbs.add_parser("add", help="somebody new; asks for what is not given")
    add.add_argument("--email")
    add.add_argument("--name")
    add.add_argument("--roles", metavar="ROLES", help=ROLES_HELP)
    add.add_argument("--organisation", help="its name, if there is none yet or there are several")
    add.add_argument("--password-stdin", action="store_true", help="read it from standard input")
    change = verbs.add_parser("change", help="ends that person's sessions")
    change.add_argument("--email", required=True)
    change.add_argument("--roles", metavar="ROLES", help=ROLES_HELP)
    change.add_argument("--password", action="store_true", help="ask for a new one")
    change.add_argument("--password-stdin", action="store_true", help="read it from standard input")
    access = change.add_mutually_exclusive_group()
    access.add_argument("--off", action="store_true", help="may not sign in any more")
    access.add_argument("--on", action="store_true", help="may sign in again")
    verbs.add_parser("list", help="everybody, with roles")
    return parser


def _add(chosen: argparse.Namespace) -> None:
    email = _address(chosen.email or _ask("E-mail: "))
    name = (chosen.name or _ask("Name: ")).strip()
    roles = _roles(chosen.roles or _ask(f"Roles ({', '.join(ROLES)}): "))
    people.refuse_unknown_roles(roles)
    hashed = _password(chosen.password_stdin, name, email)
    new = people.NewUser(
        organisation_id=_organisation(chosen.organisation),
        email=email,
        name=name,
        roles=roles,
        password_hash=hashed,
    )
    people.add_user(new, now=utcnow())
    say(f"{name} may now sign in as {email} with the roles {', '.join(roles)}.")


def _change(chosen: argparse.Namespace) -> None:
    asks = chosen.password or chosen.password_stdin
    change = people.UserChange(
        roles=_roles(chosen.roles) if chosen.roles else None,
        password_hash=_password(chosen.password_stdin, "", chosen.email) if asks else None,
        active=_access(chosen),
    )
    if change == people.UserChange():
        raise CommandFailed("Say what to change: --roles, --password, --off or --on.")
    people.change_user(_address(chosen.email), change, now=utcnow())
    say(f"{chosen.email} is changed, and signed out everywhere.")


def _access(chosen: argparse.Namespace) -> bool | None:
    if chosen.off or chosen.on:
        return bool(chosen.on)
    return None


def _list(_chosen: argparse.Namespace) -> None:
    rows = people.everybody()
    for one in rows:
        roles = ", ".join(sorted(str(role.name) for role in one.roles))
        say(f"{one.email}  {one.name}  ({roles})" + ("" if one.active else "  may not sign in"))
    if not rows:
        say("Nobody is there yet. Begin with: python3 -m scheduler user add")


def _address(typed: str) -> str:
    """The address in the form in which it is kept. Raises CommandFailed."""
    try:
        normal: str = current_app.extensions["security"].mail_util.validate(typed.strip())
    except ValueError:
        raise CommandFailed(f"{typed} is no e-mail address. Example: dana@clinic.example") from None
    return normal.lower()


def _roles(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.lower().replace(",", " ").split())


def _organisation(name: str | None) -> int:
    """The one that is meant; made if there is none."""
    found = people.organisations()
    named = [one for one in found if one.name == name] if name else found
    if len(named) == 1:
        return named[0].id
    if not found:
        return people.add_organisation(name or _ask("Name of the organisation: "), now=utcnow())
    names = ", ".join(one.name for one in found)
    raise CommandFailed(f"Say which with --organisation: {names}.")


def _password(from_stdin: bool, name: str, email: str) -> str:
    """The hash of an acceptable password. Raises CommandFailed."""
    typed = sys.stdin.readline().rstrip("\r\n") if from_stdin else _ask_twice()
    rules = current_app.extensions["security"].password_util
    wrong, normal = rules.validate(typed, False, user=_Owner(name, email))
    if wrong:
        raise CommandFailed(wrong[0])
    hashed: str = hash_password(normal)
    return hashed


class _Owner:
    """As much of a user as the password rules look at."""

    def __init__(self, name: str, email: str) -> None:
        self.name, self.email = name, email


def _ask(question: str) -> str:
    try:
        answer = input(question).strip()
    except EOFError:
        answer = ""
    if not answer:
        raise CommandFailed(f"{question.split(' (')[0].rstrip(': ')} is needed.")
    return answer


def _ask_twice() -> str:
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("The same again: "):
        raise CommandFailed("The two passwords differ. Nothing was changed.")
    return first
