"""The addresses of an organization's host."""

from config.urls import addresses
from tenants.desks import organization_desk

urlpatterns = addresses(organization_desk)
