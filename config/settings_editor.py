"""The editor's process: what it has beyond the public one. `manage.py` uses it too."""

from datetime import timedelta

from config.databases import writable
from config.environment import environment
from config.settings import *  # noqa: F403
from config.settings import BASE_DIR
from config.settings import BROWSER_HEADERS as PUBLIC_HEADERS
from config.settings import INSTALLED_APPS as PUBLIC_APPS
from config.settings import LOGGING as PUBLIC_LOGGING
from config.settings import MIDDLEWARE as PUBLIC_MIDDLEWARE
from config.settings import SILENCED_SYSTEM_CHECKS as PUBLIC_SILENCED
from config.settings import TEMPLATES as PUBLIC_TEMPLATES

INSTALLED_APPS = [
    "talks.admin.apps.DeskConfig",  # django.contrib.admin, with a site of ours
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "django_extensions",
    *PUBLIC_APPS,
    "talks.editing",  # last: it makes roles of the rights that all others have
]
# The layers of the law: what an editor is shown depends on more than an address and the edition.
PUBLIC_ONLY = [f"talks.middleware.{name}Middleware" for name in ("ReadingOnly", "Edition", "KnownParameters")]
MIDDLEWARE = [
    "config.headers.RequestIdMiddleware",
    *(name for name in PUBLIC_MIDDLEWARE if name not in PUBLIC_ONLY),
    "talks.middleware.PlainQueryMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls_editor"

_PAGES = PUBLIC_TEMPLATES[0]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "talks" / "admin" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "talks.context.site",
            ],
        },
    },
    # Pages of readers, for previews.
    {
        **_PAGES,
        "OPTIONS": {
            **_PAGES["OPTIONS"],
            "context_processors": ["talks.context.site", "talks.admin.preview.context"],
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

# Whoever logs in: the password, then the code of an app, both in one form. Only a local trial goes without the code.
TWO_FACTOR = environment.two_factor
OTP_TOTP_ISSUER = "Talks in Context"
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/admin/"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]

# Who fails five times under one name from one address waits for a quarter of an hour from the fifth time on.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "talks.editing.clients.address"
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "talks.admin.login.locked_out"
AXES_SENSITIVE_PARAMETERS = ["code", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# How many proxies of ours stand in front: so many addresses at the end of X-Forwarded-For are theirs to write.
TRUSTED_PROXIES = environment.trusted_proxies
# axes tells of each failure; one line when the door closes is enough, and `talks.editing.clients` writes that.
LOGGING = {**PUBLIC_LOGGING, "loggers": {**PUBLIC_LOGGING["loggers"], "axes": {"level": "ERROR"}}}

# Whether whoever wrote the last change may publish it; None: may not, as soon as a second account can publish.
FOUR_EYES = environment.four_eyes

# An account is at stake here, so this is looked for (W003), unlike in the public process.
SILENCED_SYSTEM_CHECKS = [name for name in PUBLIC_SILENCED if name != "security.W003"]

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
