"""The editor's process: what it has beyond the public one. `manage.py` uses it too."""

from config.databases import writable
from config.environment import environment
from config.settings import *  # noqa: F403
from config.settings import BROWSER_HEADERS as PUBLIC_HEADERS
from config.settings import INSTALLED_APPS as PUBLIC_APPS
from config.settings import MIDDLEWARE as PUBLIC_MIDDLEWARE
from config.settings import TEMPLATES as PUBLIC_TEMPLATES

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django_extensions",
    *PUBLIC_APPS,
    "talks.editing",  # last: it makes roles of the rights that all others have
]
PUBLIC_ONLY = ("talks.middleware.ReadingOnlyMiddleware", "talks.middleware.EditionMiddleware")
MIDDLEWARE = [
    *(name for name in PUBLIC_MIDDLEWARE if name not in PUBLIC_ONLY),
    "talks.middleware.PlainQueryMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls_editor"

TEMPLATES = [
    {
        **PUBLIC_TEMPLATES[0],
        "OPTIONS": {
            **PUBLIC_TEMPLATES[0]["OPTIONS"],  # type: ignore[dict-item]
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "talks.context.site",
            ],
        },
    },
]

DATABASES = {"default": writable(environment.database)}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

SESSION_COOKIE_NAME = "talks_editor"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = environment.production
CSRF_COOKIE_SECURE = environment.production
# A pasted text of 20 MB with the other fields, and a meeting with a few hundred statements, in one form.
DATA_UPLOAD_MAX_MEMORY_SIZE = 24 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

BROWSER_HEADERS = {
    **PUBLIC_HEADERS,
    "Content-Security-Policy": PUBLIC_HEADERS["Content-Security-Policy"] + "; connect-src 'self'",
}
