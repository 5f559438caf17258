"""The page that a phone installs. How it speaks to us stands under `methods/app_notification/`."""

from django.urls import path

from registration.authenticator import pages

app_name = "authenticator"
urlpatterns = [
    path("", pages.page, name="page"),
    path("sw.js", pages.worker, name="worker"),
    path("manifest.webmanifest", pages.manifest, name="manifest"),
]
