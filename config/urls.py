"""Addresses of the public process."""

from django.urls import include, path

urlpatterns = [path("", include("talks.urls"))]
# Django's own answers to a bad request set a cookie.
handler400 = "talks.problems.bad_request"
handler404 = "talks.problems.not_found"
handler500 = "talks.problems.broken"
