"""The addresses of the reset portal and of the signed-in change, on every host."""

from django.urls import path

from resets import changing, views

urlpatterns = [
    path("password/", changing.password, name="password"),
    path("reset/", views.start, name="reset"),
    path("reset/verify/", views.verify, name="reset-verify"),
    path("reset/wait/", views.wait, name="reset-wait"),
    path("reset/password/", views.password, name="reset-password"),
    path("reset/done/", views.done, name="reset-done"),
    path("reset/stopped/", views.stopped, name="reset-stopped"),
]
