"""The ASGI application of the public process: the front before Django's WSGI handler."""

import sys

from django.conf import settings

from config.front import Front
from config.wsgi import application as site

# Seconds after which a page in the making lets the event loop go on. With Python's 0.005 a file goes out at a third of
# the speed while pages are made; the pages are none the faster.
sys.setswitchinterval(0.0005)

application = Front(site, {"X-Content-Type-Options": "nosniff", **settings.BROWSER_HEADERS})
