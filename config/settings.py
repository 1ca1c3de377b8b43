"""The public process: reads, never writes. No accounts, no sessions, no cookies, no admin."""

import os

from config.databases import nearest, read_only
from config.environment import BASE_DIR as ROOT
from config.environment import VAR, environment

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
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["talks.templatetags.talks"],
            "context_processors": [
                "django.template.context_processors.request",
                "talks.context.site",
            ],
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
BROWSER_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
