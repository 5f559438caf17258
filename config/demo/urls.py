"""The addresses of the demo's inbox."""

from django.urls import path

from config.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.index, name="inbox"),
    path("calls/<slug:name>/", views.call, name="call"),
    path("<slug:name>/", views.html, name="mail"),
]
