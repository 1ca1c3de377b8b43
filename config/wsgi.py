"""The WSGI application of whichever process the settings name; the public one by default."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from talks.guards import require_guards  # noqa: E402

require_guards()
