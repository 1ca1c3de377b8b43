"""The public site with Django's own per-site cache in place of the edition: what Django offers to whoever asks."""

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE as OURS

MIDDLEWARE = [
    "django.middleware.cache.UpdateCacheMiddleware",
    *(name for name in OURS if name != "talks.middleware.EditionMiddleware"),
    "django.middleware.cache.FetchFromCacheMiddleware",
]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "bench"}}
CACHE_MIDDLEWARE_SECONDS = 3600
