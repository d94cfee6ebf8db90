"""Small words for the templates."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def textbox(field: BoundField) -> SafeString:
    """A form field as an NL Design System text box, tied to its error message."""
    attributes = {"class": "utrecht-textbox utrecht-textbox--html-input", "placeholder": ""}
    if field.errors:
        attributes |= {"aria-invalid": "true", "aria-describedby": f"{field.id_for_label}_fout"}
    return field.as_widget(attrs=attributes)
