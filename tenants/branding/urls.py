"""The addresses of an organization's look."""

from django.urls import path

from tenants.branding import views

app_name = "brand"
urlpatterns = [
    path("brand.css", views.stylesheet, name="css"),
    path("brand/logo/<slug:digest>.png", views.logo, name="logo"),
    path("brand/logo-dark/<slug:digest>.png", views.logo_dark, name="logo-dark"),
    path("brand/icon/<slug:digest>.png", views.icon, name="icon"),
    path("brand/app/<slug:version>/<int:size>.png", views.installed_icon, name="app-icon"),
]
