"""The public process: reads, never writes. No accounts, no sessions, no cookies, no admin."""

import os
from typing import Any

from config.databases import nearest, read_only
from config.environment import BASE_DIR as ROOT
from config.environment import VAR, environment
from config.faults import tell_of_faults
from config.logs import logging_as

BASE_DIR = ROOT
SECRET_KEY = environment.secret_key
DEBUG = environment.debug
ALLOWED_HOSTS = environment.allowed_hosts
SITE_URL = environment.site_url
PRODUCTION = environment.production
PROXY_SECONDS = environment.proxy_seconds
PROXY_ERROR_SECONDS = environment.proxy_error_seconds
CACHE_BYTES = environment.cache_bytes
STALE_SECONDS = environment.stale_seconds

INSTALLED_APPS = ["django.contrib.staticfiles", "talks"]
MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "talks.middleware.ReadingOnlyMiddleware",
    "talks.middleware.EditionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "talks.middleware.KnownParametersMiddleware",
    "talks.middleware.OldAddressMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if environment.metrics:
    INSTALLED_APPS += ["django_prometheus"]
    MIDDLEWARE.insert(1, "django_prometheus.middleware.PrometheusBeforeMiddleware")
    MIDDLEWARE.append("django_prometheus.middleware.PrometheusAfterMiddleware")
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "talks.templating.environment",
            "context_processors": ["talks.context.site"],
        },
    },
]

# Workers that were started one after the other have numbers one after the other.
DATABASES = {"default": read_only(nearest(environment.public_database, environment.replicas, os.getpid()))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

RELEASES = VAR / "releases"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.assets.StylesheetFinder",
]
STORAGES = {"staticfiles": {"BACKEND": "config.assets.CollectedStorage"}}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
# By its name alone: one of an earlier build, which the list of this build's files does not know, is as immutable.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/.+\.[0-9a-f]{12}\.[^./]+$"

# How `check_links` asks other people's sites. Private addresses are for tests against servers on one machine.
LINKS_ALLOW_PRIVATE = environment.links_allow_private
LINKS_PAUSE = environment.links_pause
LINKS_SECONDS = environment.links_seconds

SECURITY_CONTACT = environment.security_contact
SECURITY_EXPIRES = environment.security_expires

FIXTURE_DIRS = [BASE_DIR / "fixtures"]

APPEND_SLASH = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Said in every answer, since it is the proxy that speaks TLS: a browser heeds it there alone (RFC 6797, 8.1).
SECURE_HSTS_SECONDS = environment.hsts_seconds
# Of what `check --deploy` would have: a page of this process asks for no cookie, so there is nothing to forge (W003).
# Other names below the site's are not ours to promise for (W005, W021). The proxy redirects to TLS (W008).
SILENCED_SYSTEM_CHECKS = [f"security.{number}" for number in ("W003", "W005", "W008", "W021")]
BROWSER_HEADERS = {
    **({"Strict-Transport-Security": f"max-age={SECURE_HSTS_SECONDS}"} if SECURE_HSTS_SECONDS else {}),
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}

if environment.sentry_dsn:
    tell_of_faults(environment.sentry_dsn, os.environ.get("DJANGO_SETTINGS_MODULE", __name__))

LOGGING = logging_as(environment.log_format, environment.log_level)
