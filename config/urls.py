"""Addresses of the public process."""

from django.urls import include, path

urlpatterns = [path("", include("talks.urls"))]
handler404 = "talks.views.not_found"
handler500 = "talks.views.broken"
