"""The addresses of the provider's host: people's pages for its operators, and its own desk."""

from django.urls import path

from config.urls import addresses
from registration.customers import finding
from tenants.desks import provider_desk

urlpatterns = [path("find/", finding.find, name="find"), *addresses(provider_desk)]

handler400 = "tenants.refusing.bad_request"
handler403 = "tenants.refusing.forbidden"
handler404 = "tenants.refusing.not_found"
handler500 = "tenants.refusing.broken"
