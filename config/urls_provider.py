"""The addresses of the provider's host: people's pages for its operators, and its own desk."""

from django.conf import settings
from django.urls import include, path

from tenants.desks import provider_desk

urlpatterns = [
    path("", include("registration.urls")),
    path("", include("resets.urls")),
    path("", include("tenants.branding.urls")),
    path("", include("tenants.shield.urls")),
    path("admin/", provider_desk.urls),
]
if settings.REKEY_DEMO:
    urlpatterns += [path("inbox/", include("config.demo.urls"))]
