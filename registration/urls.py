"""The addresses of signing in and of one's own security info, on every host."""

from allauth.account import views as allauth
from django.urls import include, path
from django.views.decorators.cache import never_cache

from registration import (
    carrier_views,
    checklist_desk,
    endpoints,
    objection_views,
    security_info,
    verifying,
    views,
    visit_views,
    wizard,
)

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.language, name="language"),
    path("sign-in/", allauth.login, name="account_login"),
    path("sign-in/again/", never_cache(allauth.reauthenticate), name="account_reauthenticate"),
    path("sign-out/", never_cache(allauth.logout), name="account_logout"),
    path("checklist/hide/", checklist_desk.hide, name="checklist-hide"),
    path("checklist/show/", checklist_desk.show, name="checklist-show"),
    path("verify/", verifying.verify, name="verify"),
    path("activate/", views.activate_password, name="activate-password"),
    path("activate/<uuid:challenge>/<str:token>/", views.activate, name="activate"),
    path("object/", objection_views.confirm, name="object"),
    path("object/<uuid:challenge>/<str:token>/", objection_views.follow, name="objection"),
    path("visit/", visit_views.arrive, name="visit"),
    path("visit/leave/", visit_views.leave, name="visit-leave"),
    path("authenticator/", include("registration.authenticator.urls")),
    path("methods/<slug:kind>/<slug:name>/", endpoints.endpoint, name="method-endpoint"),
    path("carriers/<slug:kind>/<slug:name>/<uuid:message>/", carrier_views.hook, name="carrier-hook"),
    path("register/", wizard.register, name="register"),
    path("register/still-right/", wizard.reconfirm, name="reconfirm"),
    path("security-info/", security_info.overview, name="security-info"),
    path("security-info/confirm/", security_info.confirm, name="security-info-confirm"),
    path("security-info/add/<slug:kind>/", security_info.add, name="security-info-add"),
    path("security-info/<int:device>/change/", security_info.change, name="security-info-change"),
    path("security-info/<int:device>/default/", security_info.make_default, name="security-info-default"),
    path("security-info/<int:device>/remove/", security_info.remove, name="security-info-remove"),
]
