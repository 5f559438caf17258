"""The addresses of the provider's host: people's pages for its operators, and its own desk."""

from django.urls import path

from config.urls import addresses
from registration.customers import finding
from tenants.desks import provider_desk

urlpatterns = [path("find/", finding.find, name="find"), *addresses(provider_desk)]
