"""Addresses of the editor's process: the admin and the parts beside the public pages, for preview."""

from django.contrib import admin
from django.urls import include, path

from talks import parts
from talks.admin import queues

urlpatterns = [
    path("admin/to-review/", admin.site.admin_view(queues.to_review), name="to-review"),
    path("admin/to-check/", admin.site.admin_view(queues.to_check), name="to-check"),
    path("admin/", admin.site.urls),
    path("parts/", admin.site.admin_view(parts.index), name="parts"),
    path("", include("talks.urls")),
]
# Django's own answers to a bad request set a cookie.
handler400 = "talks.problems.bad_request"
handler404 = "talks.problems.not_found"
handler500 = "talks.problems.broken"
