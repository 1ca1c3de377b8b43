"""What the environment says, read once. All missing or bad values are told together, in one message."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from environs import Env, EnvValidationError

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))


NAMES = (
    *("PRODUCTION", "DEBUG", "SITE_URL", "ALLOWED_HOSTS", "SECRET_KEY"),
    *("DATABASE_URL", "PUBLIC_DATABASE_URL", "DATABASE_REPLICA_URLS"),
    *("LINKS_ALLOW_PRIVATE", "LINKS_PAUSE", "LINKS_SECONDS"),
    *("TWO_FACTOR", "FOUR_EYES", "TRUSTED_PROXIES"),
    *("PROXY_SECONDS", "PROXY_ERROR_SECONDS", "SECURITY_CONTACT", "SECURITY_EXPIRES"),
    *("CACHE_BYTES", "STALE_SECONDS", "HSTS_SECONDS"),
    *("LOG_FORMAT", "LOG_LEVEL", "METRICS", "SENTRY_DSN"),
)
SECRETS = ("SECRET_KEY", "DATABASE_URL", "PUBLIC_DATABASE_URL", "DATABASE_REPLICA_URLS", "SENTRY_DSN")
YEAR = 365 * 24 * 3600  # seconds
# The largest values of what is a number; none is negative.
MOST = {"TRUSTED_PROXIES": 10, "PROXY_SECONDS": 3600, "PROXY_ERROR_SECONDS": 30 * 24 * 3600}
MOST |= {"CACHE_BYTES": 2**40, "STALE_SECONDS": 24 * 3600, "HSTS_SECONDS": 2 * YEAR}
ONE_OF = {"LOG_FORMAT": ("text", "json"), "LOG_LEVEL": ("debug", "info", "warning", "error", "critical")}


def _site_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
        raise ValueError("SITE_URL is http(s)://host[:port] and nothing more")
    return f"{parts.scheme}://{parts.netloc}"


def _is_usable(database: dict[str, Any]) -> bool:
    engine = str(database.get("ENGINE", "")).rpartition(".")[2]
    return engine in ("sqlite3", "postgresql") and database.get("NAME") not in (None, "", ":memory:")


def _replicas(urls: list[str]) -> list[dict[str, Any]]:
    """The databases of these addresses. Raises ValueError where one is none, or is not the same database elsewhere."""
    try:
        replicas = [dict(dj_database_url.parse(url.strip(), conn_max_age=60)) for url in urls]
    except Exception as error:
        raise ValueError("postgresql://USER:PASSWORD@HOST/NAME, with commas between") from error
    if not all(_is_usable(one) and "sqlite" not in str(one["ENGINE"]) and one["HOST"] for one in replicas):
        raise ValueError("postgresql://USER:PASSWORD@HOST/NAME, with commas between; only PostgreSQL has replicas")
    if any({**one, "HOST": "", "PORT": ""} != {**replicas[0], "HOST": "", "PORT": ""} for one in replicas):
        raise ValueError("only host and port may differ, since replicas have the roles and the name of their primary")
    return replicas


def _security(contact: str, expires: str) -> str:
    """What is wrong with the two that make a security.txt (RFC 9116), if anything; it needs both or neither."""
    if contact and not contact.startswith(("https://", "mailto:", "tel:")):
        return "SECURITY_CONTACT: https://…, mailto:… or tel:…."
    try:
        whole = bool(contact) == bool(expires) and (not expires or datetime.fromisoformat(expires).tzinfo)
    except ValueError:
        whole = False
    return "" if whole else "SECURITY_EXPIRES: an instant like 2027-12-31T00:00:00Z, together with SECURITY_CONTACT."


def _metrics(address: str) -> str:
    """What is wrong with the place of the numbers, if anything. They are for this machine: there is no login before."""
    host, _, port = address.rpartition(":")
    fits = host in ("127.0.0.1", "[::1]", "localhost") and port.isascii() and port.isdigit() and 0 < int(port) < 65536
    return "" if fits or not address else "METRICS: 127.0.0.1:PORT; from elsewhere they must not be seen."


def _from_files(names: Iterable[str]) -> list[str]:
    """Take a value from the file that NAME_FILE names, as systemd and containers hand secrets over; gives the faults."""
    wrong = []
    for name in names:
        path = os.environ.get(f"{name}_FILE")
        if path and not os.environ.get(name):
            try:
                os.environ[name] = Path(path).read_text().strip()
            except (OSError, UnicodeDecodeError):
                wrong.append(f"{name}_FILE: {path} cannot be read.")
    return wrong


class Settings:
    """The values of the environment under their names; `finish` refuses to go on if one is bad."""

    def __init__(self) -> None:
        unread = _from_files(SECRETS)
        for name in [name for name in NAMES if os.environ.get(name) == ""]:
            del os.environ[name]  # empty means left out
        env = Env(eager=False)
        self._read_site(env)
        self._read_databases(env)
        self._read_editing(env)
        self._read_serving(env)
        self._read_watching(env)
        self.problems: list[str] = unread
        try:
            env.seal()
        except EnvValidationError as error:
            told: Any = error.error_messages
            self.problems += [f"{name}: {' '.join(lines)}" for name, lines in told.items()]
        self._judge()

    def _read_site(self, env: Env) -> None:
        self.production: bool = env.bool("PRODUCTION", False)
        self.debug: bool = env.bool("DEBUG", False)
        self.site_url: str = env.str("SITE_URL", "http://127.0.0.1:8000")
        self.allowed_hosts: list[str] = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
        self.secret_key: str = env.str("SECRET_KEY", "")
        self.security_contact: str = env.str("SECURITY_CONTACT", "")
        self.security_expires: str = env.str("SECURITY_EXPIRES", "")

    def _read_databases(self, env: Env) -> None:
        self.database: dict[str, Any] = env.dj_db_url(
            "DATABASE_URL", f"sqlite:///{VAR / 'talks.sqlite3'}", conn_max_age=60
        )
        self.public_database: Any = (
            env.dj_db_url("PUBLIC_DATABASE_URL", conn_max_age=60) if os.environ.get("PUBLIC_DATABASE_URL") else None
        )
        self.replica_urls: list[str] = env.list("DATABASE_REPLICA_URLS", [])
        self.replicas: list[dict[str, Any]] = []

    def _read_editing(self, env: Env) -> None:
        self.links_allow_private: bool = env.bool("LINKS_ALLOW_PRIVATE", False)
        self.links_pause: float = env.float("LINKS_PAUSE", 1.0)
        self.links_seconds: float = env.float("LINKS_SECONDS", 10.0)
        self.two_factor: bool = env.bool("TWO_FACTOR", True)
        self.four_eyes: bool | None = env.bool("FOUR_EYES", None)
        self.trusted_proxies: int = env.int("TRUSTED_PROXIES", 0)

    def _read_serving(self, env: Env) -> None:
        self.proxy_seconds: int = env.int("PROXY_SECONDS", 0)
        self.proxy_error_seconds: int = env.int("PROXY_ERROR_SECONDS", 24 * 3600)
        self.cache_bytes: int = env.int("CACHE_BYTES", 64 * 2**20)
        self.stale_seconds: int = env.int("STALE_SECONDS", 60)
        secure = self.site_url.lower().startswith("https:")
        self.hsts_seconds: int = env.int("HSTS_SECONDS", YEAR if secure else 0)

    def _read_watching(self, env: Env) -> None:
        self.log_format: str = env.str("LOG_FORMAT", "json" if self.production else "text")
        self.log_level: str = env.str("LOG_LEVEL", "warning")
        self.metrics: str = env.str("METRICS", "")
        self.sentry_dsn: str = env.str("SENTRY_DSN", "")

    def _judge(self) -> None:
        """What the types alone do not say; each on its own, so that all are told."""
        told = {problem.partition(":")[0] for problem in self.problems}
        try:
            self.site_url = _site_url(self.site_url)
        except ValueError as error:
            self.problems.append(f"SITE_URL: {error}.")
        self._judge_databases(told)
        if self.production and not self.secret_key:
            self.problems.append("SECRET_KEY: must be set in production.")
        if self.production and self.debug:
            self.problems.append("DEBUG: must be off in production.")
        if self.production and not self.two_factor:
            self.problems.append("TWO_FACTOR: must be on in production.")
        for name, most in MOST.items():
            if name not in told and not 0 <= getattr(self, name.lower()) <= most:
                self.problems.append(f"{name}: a number from 0 to {most}.")
        for name, values in ONE_OF.items():
            if getattr(self, name.lower()) not in values:
                self.problems.append(f"{name}: {', '.join(values[:-1])} or {values[-1]}.")
        other = [_security(self.security_contact, self.security_expires), _metrics(self.metrics)]
        self.problems += filter(None, other)

    def _judge_databases(self, told: set[str]) -> None:
        for name, database in (("DATABASE_URL", self.database), ("PUBLIC_DATABASE_URL", self.public_database)):
            if name not in told and database is not None and not _is_usable(database):
                self.problems.append(f"{name}: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.")
        if self.public_database is None:
            self.public_database = self.database
        try:
            self.replicas = _replicas(self.replica_urls)
        except ValueError as error:
            self.problems.append(f"DATABASE_REPLICA_URLS: {error}.")

    def finish(self) -> None:
        """Exit with one message that names every bad value."""
        if self.problems:
            sys.exit("The environment does not fit:\n" + "\n".join(f"  {line}" for line in self.problems))
        self.secret_key = self.secret_key or local_secret_key()


def local_secret_key() -> str:
    """The key in `var/`, made on the first start; for one machine only, never in production."""
    path = VAR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_once(path, secrets.token_urlsafe(50))
    return path.read_text().strip()


def _write_once(path: Path, text: str) -> None:
    """A file that is there whole or not at all; of several processes that start at once, the first one's is kept."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.chmod(name, 0o640)
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(name)


environment = Settings()
environment.finish()
