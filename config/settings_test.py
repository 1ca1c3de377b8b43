"""The tests' process: the editor's apps and a writable database under the public addresses and layers."""

from config.settings import MIDDLEWARE as PUBLIC_MIDDLEWARE
from config.settings_editor import *  # noqa: F403
from config.settings_editor import MIDDLEWARE as EDITOR_MIDDLEWARE

EDITOR = {"MIDDLEWARE": [name for name in EDITOR_MIDDLEWARE if "whitenoise" not in name], "ROOT_URLCONF": ROOT_URLCONF}  # noqa: F405
MIDDLEWARE = [name for name in PUBLIC_MIDDLEWARE if "whitenoise" not in name]
ROOT_URLCONF = "config.urls"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
RELEASES = VAR / "releases-of-no-test"  # noqa: F405  (a test that cuts one names its own)
# The tests of logging in turn these on; all others are logged in by force, or as somebody who has one factor.
TWO_FACTOR = False
AXES_ENABLED = False
