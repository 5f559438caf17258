"""The addresses of an organization's host."""

from django.conf import settings
from django.urls import include, path

from tenants.desks import organization_desk

urlpatterns = [
    path("", include("registration.urls")),
    path("", include("resets.urls")),
    path("", include("tenants.branding.urls")),
    path("", include("tenants.shield.urls")),
    path("admin/", organization_desk.urls),
]
if settings.REKEY_DEMO:
    urlpatterns += [path("inbox/", include("config.demo.urls"))]
