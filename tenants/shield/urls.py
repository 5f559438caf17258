"""The shield's own addresses, the same on the provider's host and on every organization's."""

from django.urls import path

from tenants.shield.captcha_views import captcha_challenge

urlpatterns = [path("captcha/<slug:kind>", captcha_challenge, name="captcha")]
