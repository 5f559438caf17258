"""The desk's pages of the company branding; the same classes serve both desks."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from tenants.branding import colours, painting
from tenants.branding.context import here
from tenants.branding.logos import UPLOAD_BYTES, LogoProblem, Picture, clean_icon, clean_logo
from tenants.branding.messages import LOGO_PROBLEMS, PARAMETERS
from tenants.branding.models import Brand, BrandText
from tenants.branding.places import Place
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
    new_icon = _upload(_("New icon"), _("The small square that browsers show in a tab. PNG or JPEG."))
    remove_logo = _switch(_("Remove the logo"))
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
    readonly_fields = ("show_logo", "show_icon", "show_colours")
    fieldsets = (
        (_("Logo"), {"fields": ("show_logo", "new_logo", "remove_logo", "logo_alt")}),
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


class BrandTextAdmin(DeskModelAdmin, TranslationAdmin):  # type: ignore[type-arg,misc]  # likewise
    """The organization's own words, one page for each place, one tab for each language."""

    audited_by_flow = True
    list_display = ("place_name", "languages")
    list_display_links = ("place_name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: places are given."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: an empty text shows nothing."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Give each language that people can choose a tab of its own."""
        return [
            (
                get_language_info(code)["name_local"].capitalize(),
                {"classes": ["tab"], "fields": [BrandText.column(code)]},
            )
            for code in _languages()
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Make the rows of new places first."""
        painting.complete()
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save by the flow, which writes down what changed."""
        texts = {code: form.cleaned_data[BrandText.column(code)] or "" for code in _languages()}
        painting.save_text(Place(obj.place), texts, actor=request.user)

    @admin.display(description=_("place"))
    def place_name(self, row: BrandText) -> str:
        """Name the place."""
        return str(row)

    @admin.display(description=_("languages"))
    def languages(self, row: BrandText) -> str:
        """List the languages that it is written in."""
        return ", ".join(get_language_info(code)["name_local"] for code in row.written()) or gettext("none")


def _languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES if code in settings.MODELTRANSLATION_LANGUAGES]


def _image(address: str, words: str) -> SafeString | str:
    if not address:
        return ""
    return format_html(
        '<img src="{}" alt="{}" style="max-height:3rem;max-width:15rem;padding:.5rem;border-radius:.5rem;background:#fff">',
        address,
        words,
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


PAGES = ((Brand, BrandAdmin), (BrandText, BrandTextAdmin))
