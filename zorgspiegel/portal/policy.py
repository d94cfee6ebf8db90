"""Who may come in at an address at all. Every view says so itself; one without a policy stops the start.

The finer question, which figures, is asked per figure at `ledger.permissions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error
from django.urls import URLPattern, URLResolver, get_resolver

OPEN, MEMBERS = "open", "members"
FOREIGN_POLICIES = {
    "account_login": OPEN,
    "mfa_authenticate": OPEN,  # allauth lets only those in who have just given a right password
    "account_logout": MEMBERS,
    "account_reauthenticate": MEMBERS,
    "mfa_reauthenticate": MEMBERS,
    "account_change_password": MEMBERS,
    "mfa_index": MEMBERS,
    "mfa_activate_totp": MEMBERS,
    "mfa_deactivate_totp": MEMBERS,
    "mfa_view_recovery_codes": MEMBERS,
    "mfa_generate_recovery_codes": MEMBERS,
}
"""Views of allauth, by the name of their address."""


def open_to_all(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that needs nobody to be logged in. It must not show a figure."""
    view.policy = OPEN  # type: ignore[attr-defined]
    return view


def members_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view for people who are logged in."""
    view.policy = MEMBERS  # type: ignore[attr-defined]
    return view


def policy_of(name: str | None, view: Callable[..., Any]) -> str | None:
    """The policy of an address, or None when nobody thought about it."""
    return getattr(view, "policy", None) or FOREIGN_POLICIES.get(name or "")


def check_urls(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Django system check: an error for every address without a policy."""
    return [
        Error(
            f"The address {pattern.pattern} has no policy.",
            hint="Mark its view with a policy of portal.policy.",
        )
        for pattern in _patterns(get_resolver().url_patterns)
        if policy_of(pattern.name, pattern.callback) is None
    ]


def _patterns(entries: list[Any]) -> Iterator[URLPattern]:
    for entry in entries:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns)
        else:
            yield entry
