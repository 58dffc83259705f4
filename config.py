"""Settings: the only reader of environment variables; refuses what is not safe (trust I25)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

_QUICK = {"argon2__rounds": 1, "argon2__memory_cost": 1024, "argon2__parallelism": 1}
"""Hashing is slow on purpose; tests sign in hundreds of times."""
NAMES = (
    "DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "SMTP_URL", "IMAP_URL", "REPLY_DIR", "REPLY_PLUS",
    "AUTHSERV_ID", "PHONE_URL", "PHONE_SECRET", "MAIL_PER_MINUTE", "UNDO_SECONDS", "DATA_DIR",
    "RATELIMIT_STORAGE_URI", "LOG_LEVEL",
)  # fmt: skip
"""Every setting that the README lists."""
_ON, _OFF = ("on", "1", "yes", "true"), ("off", "0", "no", "false")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True)
class Problem:
    """A setting that cannot be used: its name, what is wrong, and how to mend it."""

    name: str
    what: str
    mend: str


class BadSettings(Exception):
    """The environment does not make a working configuration; `problems` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        lines = [f"{one.name}: {one.what} {one.mend}" for one in problems]
        super().__init__("\n".join(lines))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One value per environment variable of the README, in the type that the code uses."""

    mode: str = "production"
    database_url: str = ""
    secret_key: str = field(default="", repr=False)
    public_url: str = ""
    smtp_url: str = field(default="", repr=False)
    imap_url: str = field(default="", repr=False)
    reply_dir: Path | None = None
    reply_plus: bool = True
    authserv_id: str = ""
    phone_url: str = field(default="", repr=False)
    phone_secret: str = field(default="", repr=False)
    mail_per_minute: int = 300
    undo_seconds: int = 180
    data_dir: Path = Path("var")
    ratelimit_storage_uri: str = "memory://"
    log_level: str = "INFO"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read production settings. Raises BadSettings naming everything that is wrong at once."""
        settings, problems = cls.examine(environ)
        if problems:
            raise BadSettings(problems)
        return settings

    @classmethod
    def examine(cls, environ: Mapping[str, str]) -> tuple[Settings, list[Problem]]:
        """The settings as far as they can be read, and everything that is wrong with them."""
        settings, problems = _read(environ)
        return settings, problems + settings.problems()

    @classmethod
    def for_demo(cls, data_dir: Path, port: int) -> Settings:
        """An embedded SQLite under `data_dir`; mail is delivered into the demo's own mailbox."""
        data_dir = data_dir.resolve()
        return cls(
            mode="demo",
            database_url=f"sqlite:///{data_dir / 'chairtime.sqlite3'}",
            secret_key=_kept_secret(data_dir / "secret_key"),
            phone_secret=_kept_secret(data_dir / "phone_secret"),
            public_url=f"http://127.0.0.1:{port}",
            undo_seconds=20,
            data_dir=data_dir,
            log_level="WARNING",
        )

    @classmethod
    def for_tests(cls, **changes: Any) -> Settings:
        base = cls(
            mode="test",
            database_url="sqlite://",
            secret_key="only-for-tests-" + "0" * 32,
            public_url="http://localhost",
            undo_seconds=0,
        )
        return replace(base, **changes)

    @property
    def idle_minutes(self) -> int:
        """Signed out after so long without a click (trust I29); a demo may take a day."""
        return 8 * 60 if self.mode == "demo" else 15

    def problems(self) -> list[Problem]:
        """What production would refuse; the demo and the tests are held to less."""
        if self.mode != "production":
            return []
        return [problem for check in _CHECKS if (problem := check(self)) is not None]

    def flask(self) -> dict[str, Any]:
        """The same values under the names that the Flask libraries look for."""
        https = self.public_url.startswith("https://")
        return {
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            # an error's text must not carry what was bound to it: names and addresses (trust I17)
            "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
            "SECRET_KEY": self.secret_key,
            "SECURITY_PASSWORD_SALT": self._derived("password salt"),
            "WTF_CSRF_TIME_LIMIT": None,
            "SESSION_COOKIE_SECURE": https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "TRUSTED_HOSTS": self._hosts(),
            "MAX_CONTENT_LENGTH": 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
            "RATELIMIT_STORAGE_URI": self.ratelimit_storage_uri,
            "RATELIMIT_ENABLED": self.mode != "test",
            "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": _QUICK if self.mode == "test" else {},
            "BOOTSTRAP_SERVE_LOCAL": True,
            "CHAIRTIME": self,
            "MODE": self.mode,
        }

    def _derived(self, purpose: str) -> str:
        """A second secret from the first, so that there is one to keep."""
        return hmac.new(self.secret_key.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def _hosts(self) -> list[str]:
        host = _split(self.public_url).hostname or "localhost"
        return [host] if self.mode == "production" else [host, "localhost", "127.0.0.1"]


def _kept_secret(path: Path) -> str:
    """The demo's own secret, made on first use and readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()


def _read(environ: Mapping[str, str]) -> tuple[Settings, list[Problem]]:
    """What cannot be read counts as not set, and is told."""
    problems: list[Problem] = []
    undo = _number(environ, "UNDO_SECONDS", 180, range(3601), problems)
    pace = _number(environ, "MAIL_PER_MINUTE", 300, range(1, 60_001), problems)
    plus = environ.get("REPLY_PLUS", "on").lower()
    if plus not in (*_ON, *_OFF):
        problems.append(Problem("REPLY_PLUS", f"{plus!r} is unclear.", "Set on or off."))
    reply_dir = environ.get("REPLY_DIR")
    settings = Settings(
        database_url=_driver(environ.get("DATABASE_URL", "")),
        secret_key=environ.get("SECRET_KEY", ""),
        public_url=environ.get("PUBLIC_URL", "").rstrip("/"),
        smtp_url=environ.get("SMTP_URL", ""),
        imap_url=environ.get("IMAP_URL", ""),
        reply_dir=Path(reply_dir) if reply_dir else None,
        reply_plus=plus not in _OFF,
        authserv_id=environ.get("AUTHSERV_ID", "").strip().lower(),
        phone_url=environ.get("PHONE_URL", ""),
        phone_secret=environ.get("PHONE_SECRET", ""),
        mail_per_minute=pace,
        undo_seconds=undo,
        data_dir=Path(environ.get("DATA_DIR", "var")).resolve(),
        ratelimit_storage_uri=environ.get("RATELIMIT_STORAGE_URI", "memory://"),
        log_level=environ.get("LOG_LEVEL", "INFO").upper(),
    )
    return settings, problems


def _number(
    environ: Mapping[str, str], name: str, usual: int, allowed: range, problems: list[Problem]
) -> int:
    """A whole number of the range; what is none counts as the usual one, and is told."""
    typed = environ.get(name, str(usual))
    if typed.isascii() and typed.isdigit() and len(typed) <= 6 and int(typed) in allowed:
        return int(typed)
    mend = f"Set {allowed[0]} to {allowed[-1]}."
    problems.append(Problem(name, f"{typed!r} is no number that can be used.", mend))
    return usual


def _driver(url: str) -> str:
    """postgres:// and postgresql:// both mean psycopg 3."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _split(url: str) -> SplitResult:
    """As urlsplit, but what cannot be an address is an empty one."""
    try:
        found = urlsplit(url)
        _ = found.port, found.hostname  # both are read late, and may raise
    except ValueError:
        return SplitResult("", "", "", "", "")
    return found


def _check_database(settings: Settings) -> Problem | None:
    mend = "Set postgresql://user:password@host/name, or sqlite:////path/to/file."
    url = _split(settings.database_url)
    if url.scheme not in ("sqlite", "postgresql+psycopg") or url.path in ("", "/"):
        return Problem("DATABASE_URL", "No database is named that Chairtime can use.", mend)
    if url.scheme == "sqlite" and not settings.database_url.startswith("sqlite:///"):
        return Problem("DATABASE_URL", "A SQLite file has three or four slashes before it.", mend)
    if url.scheme != "sqlite" and find_spec("psycopg") is None:
        mend = "Install it beside Chairtime: pip install 'psycopg[binary]'."
        return Problem("DATABASE_URL", "The package psycopg is not installed.", mend)
    return None


def _check_secret(settings: Settings) -> Problem | None:
    key = settings.secret_key
    if len(key) >= 32 and len(set(key)) >= 10:
        return None
    mend = 'Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
    return Problem("SECRET_KEY", "It is missing, short or easy to guess.", mend)


def _check_public_url(settings: Settings) -> Problem | None:
    url = _split(settings.public_url)
    if url.scheme == "https" and url.hostname:
        return None
    if url.scheme == "http" and url.hostname in ("localhost", "127.0.0.1", "::1"):
        return None
    mend = "Set the address that patients and staff use, such as https://book.clinic.example."
    return Problem("PUBLIC_URL", "It must be an https address.", mend)


def _check_smtp(settings: Settings) -> Problem | None:
    url = _split(settings.smtp_url)
    if url.scheme in ("smtp", "smtps") and url.hostname:
        return None
    mend = "Set smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465."
    return Problem("SMTP_URL", "No mail server is named.", mend)


def _check_log_level(settings: Settings) -> Problem | None:
    if settings.log_level in LOG_LEVELS:
        return None
    return Problem("LOG_LEVEL", f"{settings.log_level!r} is unknown.", f"Set one of {LOG_LEVELS}.")


def _check_imap(settings: Settings) -> Problem | None:
    url = _split(settings.imap_url)
    if not settings.imap_url or (url.scheme in ("imap", "imaps") and url.hostname):
        return None
    mend = "Set imaps://user:password@host, or leave it out."
    return Problem("IMAP_URL", "This is no mailbox to read replies from.", mend)


def _check_reply_dir(settings: Settings) -> Problem | None:
    if settings.reply_dir is None or settings.reply_dir.is_dir():
        return None
    mend = "Make it, or leave the setting out."
    return Problem("REPLY_DIR", f"{settings.reply_dir} is not a folder.", mend)


def _check_phone(settings: Settings) -> Problem | None:
    if not settings.phone_url:
        return None
    url = _split(settings.phone_url)
    here = url.scheme == "http" and url.hostname in ("localhost", "127.0.0.1", "::1")
    if not (here or (url.scheme == "https" and url.hostname)):
        mend = "Set the https address that takes text messages, or leave it out."
        return Problem("PHONE_URL", "It must be an https address.", mend)
    if len(settings.phone_secret) < 32:
        mend = "Set the secret that you share with the provider: 32 characters or more."
        return Problem("PHONE_SECRET", "It is missing or short.", mend)
    return None


def _check_authserv(settings: Settings) -> Problem | None:
    """Without it no reply could be trusted, and every one would wait for a person (calendar I4)."""
    if settings.authserv_id or _split(settings.imap_url).scheme not in ("imap", "imaps"):
        return None
    mend = "Set the name that your mail server writes first in Authentication-Results."
    return Problem("AUTHSERV_ID", "Replies are read, but none can be trusted.", mend)


def _check_ratelimit(settings: Settings) -> Problem | None:
    scheme = settings.ratelimit_storage_uri.split(":", 1)[0]
    mend = "Set memory:// for one web process, redis://host:6379 for several."
    if scheme == "memory":
        return None
    if scheme not in ("redis", "rediss"):
        return Problem("RATELIMIT_STORAGE_URI", f"{scheme!r} is not supported.", mend)
    if find_spec("redis") is None:
        mend = "Install it beside Chairtime: pip install redis."
        return Problem("RATELIMIT_STORAGE_URI", "The package redis is not installed.", mend)
    return None


_CHECKS = (
    _check_database, _check_secret, _check_public_url, _check_smtp, _check_imap, _check_reply_dir,
    _check_authserv, _check_phone, _check_ratelimit, _check_log_level,
)  # fmt: skip
