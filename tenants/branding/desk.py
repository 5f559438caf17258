"""The desk's pages of the company branding; the same classes serve both desks."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from tenants.branding import colours, painting, previews, samples
from tenants.branding.context import here
from tenants.branding.facts import BrandFacts
from tenants.branding.logos import UPLOAD_BYTES, LogoProblem, Picture, clean_icon, clean_logo
from tenants.branding.messages import LOGO_PROBLEMS, PARAMETERS
from tenants.branding.models import Brand, BrandText
from tenants.branding.preview_desk import Pages, panel, served, shown
from tenants.branding.texts_desk import BrandTextAdmin
from tenants.desks import DeskModelAdmin, SingletonAdmin


def _upload(label: Any, help_text: Any = "") -> forms.FileField:
    widget = UnfoldAdminFileFieldWidget(attrs={"accept": "image/png,image/jpeg"})
    return forms.FileField(label=label, required=False, help_text=help_text, widget=widget)


def _switch(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, widget=UnfoldBooleanSwitchWidget)


class BrandForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The look, with an upload and a switch for each picture."""

    new_logo = _upload(
        _("New logo"), _("PNG or JPEG up to 1 MB. It is drawn again, at most 480 x 120 pixels and 10 kB.")
    )
    new_logo_dark = _upload(
        _("New logo for dark pages"),
        _("Drawn for dark paper. Default: none, and the logo stands on a white plate there."),
    )
    new_icon = _upload(_("New icon"), _("The small square that browsers show in a tab. PNG or JPEG."))
    remove_logo = _switch(_("Remove the logo"))
    remove_logo_dark = _switch(_("Remove the logo for dark pages"))
    remove_icon = _switch(_("Remove the icon"))

    class Meta:
        model = Brand
        fields = painting.FIELDS
        widgets = {"fill": UnfoldAdminColorInputWidget}

    def clean_fill(self) -> str:
        """Accept upper case and spaces around."""
        fill: str = self.cleaned_data["fill"]
        return colours.normalized(fill) or fill

    def clean_new_logo(self) -> Picture | None:
        """Draw the logo again."""
        return self._cleaned("new_logo", clean_logo)

    def clean_new_logo_dark(self) -> Picture | None:
        """Draw the logo for dark pages again."""
        return self._cleaned("new_logo_dark", clean_logo)

    def clean_new_icon(self) -> Picture | None:
        """Draw the icon again."""
        return self._cleaned("new_icon", clean_icon)

    def pictures(self) -> dict[str, Picture | None]:
        """Return what is to become of each picture that is not to stay as it is."""
        wanted: dict[str, Picture | None] = {}
        for name in painting.PICTURES:
            if picture := self.cleaned_data.get(f"new_{name}"):
                wanted[name] = picture
            elif self.cleaned_data.get(f"remove_{name}"):
                wanted[name] = None
        return wanted

    def _cleaned(self, field: str, clean: Callable[[bytes], Picture]) -> Picture | None:
        upload: UploadedFile[bytes] | None = self.cleaned_data.get(field)
        if not upload:
            return None
        try:
            return clean(upload.read(UPLOAD_BYTES + 1))
        except LogoProblem as problem:
            raise ValidationError(
                LOGO_PROBLEMS[problem.code], code=problem.code, params=PARAMETERS
            ) from problem


class BrandAdmin(SingletonAdmin):
    """How the organization's pages and mails look."""

    form = BrandForm
    audited_by_flow = True
    readonly_fields = ("show_logo", "show_logo_dark", "show_icon", "show_colours", "show_preview")
    fieldsets = (
        (_("Preview"), {"fields": ("show_preview",)}),
        (_("Logo"), {"fields": ("show_logo", "new_logo", "remove_logo", "logo_alt")}),
        (_("Logo for dark pages"), {"fields": ("show_logo_dark", "new_logo_dark", "remove_logo_dark")}),
        (_("Colour"), {"fields": ("fill", "show_colours")}),
        (_("Links"), {"fields": ("helpdesk", "privacy", "terms")}),
        (_("Language"), {"fields": ("language",)}),
        (_("Browser icon"), {"fields": ("show_icon", "new_icon", "remove_icon")}),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Make the row first where an organization is older than its branding."""
        painting.complete()
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def get_urls(self) -> list[URLPattern]:
        """Add the preview."""
        view = served(self.admin_site, self.preview)
        found: list[URLPattern] = super().get_urls()
        return [path("preview/", view, name="branding_brand_preview"), *found]

    @method_decorator(never_cache)
    def preview(self, request: HttpRequest) -> HttpResponse:
        """Show a page with what is typed, as far as it is right, and else as it is. Nothing is saved."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        facts = here()
        if request.method == "POST" and self.has_change_permission(request):
            facts = _as_typed(facts, BrandForm(request.POST, request.FILES, instance=Brand()))
        return shown(request, facts, _previews())

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save by the flow, which writes down what changed."""
        values = {field: form.cleaned_data[field] for field in painting.FIELDS}
        painting.save_brand(values, pictures=form.pictures(), actor=request.user)

    @admin.display(description=_("logo"))
    def show_logo(self, brand: Brand) -> SafeString | str:
        """Show the logo as pages do."""
        return _image(here().logo_url, here().logo_alt) or gettext(
            "None yet: pages show the organization's name."
        )

    @admin.display(description=_("logo for dark pages"))
    def show_logo_dark(self, brand: Brand) -> SafeString | str:
        """Show it as dark pages do."""
        return _image(here().logo_dark_url, here().logo_alt, plate="#171b22") or gettext("None yet.")

    @admin.display(description=_("as people see it, before it is saved"))
    def show_preview(self, brand: Brand) -> SafeString:
        """Show people's pages, and a mail."""
        return panel(reverse("admin:branding_brand_preview"), _previews())

    @admin.display(description=_("icon"))
    def show_icon(self, brand: Brand) -> SafeString | str:
        """Show the icon."""
        return _image(here().icon_url, here().name) or gettext("None yet.")

    @admin.display(description=_("as people see it"))
    def show_colours(self, brand: Brand) -> SafeString:
        """Show a button and a link on a light and on a dark page, and say what was moved to keep them readable."""
        palette = colours.palette(brand.fill)
        samples = ((colours.LIGHT_CARD, palette.light), (colours.DARK_CARD, palette.dark))
        words = {"palette": palette, "samples": samples, "advice": _advice(palette)}
        return render_to_string("desk/colours.html", words)


def _previews() -> Pages:
    return [*previews.usual(), ("mail", samples.NAMES["mail"])]


def _as_typed(facts: BrandFacts, form: BrandForm) -> BrandFacts:
    """Return the look as the form has it; a field that is wrong stays as it is saved."""
    form.is_valid()
    typed = form.cleaned_data
    wanted = {
        name: f"data:image/png;base64,{base64.b64encode(picture.png).decode()}" if picture else ""
        for name, picture in form.pictures().items()
    }
    fill = typed.get("fill")
    return replace(
        facts,
        palette=colours.palette(fill) if fill else facts.palette,
        alt=typed.get("logo_alt", facts.alt),
        helpdesk=typed.get("helpdesk", facts.helpdesk),
        privacy=typed.get("privacy", facts.privacy),
        terms=typed.get("terms", facts.terms),
        language=typed.get("language", facts.language),
        tried=wanted,
    )


def _image(address: str, words: str, *, plate: str = "#fff") -> SafeString | str:
    if not address:
        return ""
    return format_html(
        '<img src="{}" alt="{}" style="max-height:3rem;max-width:15rem;padding:.5rem;border-radius:.5rem;background:{}">',
        address,
        words,
        plate,
    )


def _advice(palette: colours.Palette) -> list[str]:
    """Say what was done so that people can read what stands on, or in, the colour."""
    advice = []
    if palette.on_fill != colours.WHITE:
        advice.append(gettext("White could not be read on this colour, so buttons have dark text."))
    if palette.light.text != palette.fill:
        advice.append(gettext("On light pages, links are a darker shade of it."))
    if palette.dark.text != palette.fill:
        advice.append(gettext("On dark pages, links are a lighter shade of it."))
    return advice or [gettext("It can be read everywhere as it is.")]


PAGES: tuple[tuple[type[Model], type[DeskModelAdmin]], ...] = (
    (Brand, BrandAdmin),
    (BrandText, BrandTextAdmin),
)
