"""The address that the policy had while it was one page: it leads to the first of its pages."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenants.desks import ReadOnlyAdmin


class WholePolicyAdmin(ReadOnlyAdmin):
    """No page of its own."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to Properties."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:registration_properties_changelist")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Go to Properties, but not from a row that is not here."""
        if object_id is None or request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        if self.get_object(request, unquote(object_id)) is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return missing
        return self.changelist_view(request)
