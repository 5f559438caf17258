"""The addresses of an organization's host."""

from config.urls import addresses
from tenants.desks import organization_desk

urlpatterns = addresses(organization_desk)

handler400 = "tenants.refusing.bad_request"
handler403 = "tenants.refusing.forbidden"
handler404 = "tenants.refusing.not_found"
handler500 = "tenants.refusing.broken"
