"""How Django renders a form on people's pages: the same label, hint and error everywhere."""

from django.forms.renderers import TemplatesSetting


class PageRenderer(TemplatesSetting):
    """Render forms and fields by templates/elements/."""

    form_template_name = "elements/form.html"
    field_template_name = "elements/field.html"
