"""The addresses of the reset portal and of the signed-in change, on every host."""

from django.urls import path

from resets import changing, help_views, kiosk_views, views
from resets.journey import Entry

urlpatterns = [
    path("password/", changing.password, name="password"),
    path("password/wait/", changing.wait, name="password-wait"),
    path("reset/", views.start, name="reset"),
    path("reset/verify/", views.verify, name="reset-verify"),
    path("reset/wait/", views.wait, name="reset-wait"),
    path("reset/password/", views.password, name="reset-password"),
    path("reset/done/", views.done, name="reset-done"),
    path("reset/stopped/", views.stopped, name="reset-stopped"),
    path("reset/help/", help_views.begin, name="reset-help"),
    path("reset/help/<uuid:ticket>/<str:token>/", help_views.follow, name="reset-help-link"),
    path("reset/kiosk/", views.start, {"entry": Entry.KIOSK}, name="reset-kiosk"),
    path("reset/kiosk/stay/", kiosk_views.stay, name="reset-kiosk-stay"),
    path("reset/kiosk/over/", kiosk_views.over, name="reset-kiosk-over"),
]
