"""All addresses of the site. Accounts stand here one by one: what is not needed does not exist."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import include, path

from zorgspiegel.portal.views import errors

urlpatterns = [
    path("inloggen/", account.login, name="account_login"),
    path("inloggen/tweede-stap/", mfa.authenticate, name="mfa_authenticate"),
    path("uitloggen/", account.logout, name="account_logout"),
    path("account/bevestigen/", account.reauthenticate, name="account_reauthenticate"),
    path("account/bevestigen/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/wachtwoord/", account.password_change, name="account_change_password"),
    path("account/", mfa.index, name="mfa_index"),
    path("account/app/aanzetten/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/app/uitzetten/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/noodcodes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/noodcodes/nieuw/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"
    ),
    path("", include("zorgspiegel.portal.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
