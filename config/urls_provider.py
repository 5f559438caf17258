"""The addresses of the provider's host: people's pages for its operators, and its own desk."""

from config.urls import addresses
from tenants.desks import provider_desk

urlpatterns = addresses(provider_desk)
