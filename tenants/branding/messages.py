"""The words for what is wrong with an uploaded picture."""

from django.utils.translation import gettext_lazy as _

from tenants.branding.logos import PIXELS, UPLOAD_BYTES

LOGO_PROBLEMS = {
    "too_many_bytes": _("The file is larger than %(bytes)d kB. Save the picture smaller, and try again."),
    "too_many_pixels": _(
        "The picture has more than %(pixels)d million pixels. Scale it down, and try again."
    ),
    "not_png_or_jpeg": _("This is not a PNG or JPEG picture. Other kinds, SVG among them, are not taken."),
    "moving": _("The picture moves. Take one that stands still."),
    "broken": _("The picture is damaged and could not be read."),
    "empty": _("The picture is entirely transparent."),
    "too_detailed": _("The picture has too much detail to be shown in 10 kB. Take a plainer one."),
}
PARAMETERS = {"bytes": UPLOAD_BYTES // 1024, "pixels": PIXELS // 1_000_000}
