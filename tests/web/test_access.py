"""Who sees what: the one place that decides, and that every page and file asks it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.urls import get_resolver, reverse

from tests.web import accounts, invented
from tests.web.conftest import OWN_EMAIL
from zorgspiegel.ledger import actions, permissions
from zorgspiegel.ledger.models import Account, AuditLine, Organisation
from zorgspiegel.ledger.permissions import Actor, Figures, Right
from zorgspiegel.ledger.roles import ROLES, Action
from zorgspiegel.portal import policy
from zorgspiegel.portal.releases import Shown
from zorgspiegel.terms.errors import SettingError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOPIC = "/zorggebruik/{}/"
WMO = "?domein=wmo"


def without_token(answer: HttpResponse) -> bytes:
    """The page without the one thing that differs each time: the token of the log-out form."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", answer.content)


def right(rol: str = "gemeente-gebruiker", code: str = "GM0307", **changes: object) -> Right:
    valid = {"valid_from": NOW - timedelta(days=1), "valid_until": NOW + timedelta(days=1)}
    return Right(rol, code, **(valid | changes))


@pytest.mark.parametrize(
    ("rights", "code", "delivered", "allowed"),
    [
        ((right(),), "GM0307", True, True),
        ((right(),), "WK030701", True, True),
        ((right(),), "BU03070101", True, True),
        ((right(),), "NL01", True, False),
        ((right(),), "GM0363", True, False),
        ((right(),), "WK0363AA", True, False),
        ((right(),), "ZK12", True, False),
        ((right(),), "PV26", True, False),
        ((right(),), "GM0363", False, True),
        ((right(),), "ZK12", False, True),
        ((right(),), "nonsense", False, False),
        ((), "NL01", False, False),
        ((right(valid_until=NOW),), "NL01", False, False),
        ((right(valid_from=NOW + timedelta(seconds=1)),), "NL01", False, False),
        ((right(revoked_at=NOW),), "NL01", False, False),
        ((right(revoked_at=NOW + timedelta(seconds=1)),), "NL01", False, True),
        ((right("zorgverzekeraar-gebruiker", ""),), "GM0363", False, True),
        ((right("zorgverzekeraar-gebruiker", ""),), "NL01", True, False),
        ((right("beheerder", ""),), "GM0307", False, False),
        ((right("zorgverzekeraar-gebruiker", "GM0363"), right()), "GM0363", True, False),
    ],
)
def test_who_sees_which_figures(rights, code, delivered, allowed):
    action = Action.SEE_DELIVERED if delivered else Action.SEE_NATIONAL
    decision = permissions.can(Actor(1, rights), action, Figures(code, delivered), NOW)
    assert bool(decision) is allowed, decision.reason


@pytest.mark.parametrize(("gemeenten", "allowed"), [(2, False), (9, False), (10, True), (342, True)])
def test_the_land_is_shown_when_enough_gemeenten_delivered(gemeenten, allowed):
    asked = Figures("NL01", aangeleverd=True, gemeenten=gemeenten)
    assert bool(permissions.can(Actor(1, (right(),)), Action.SEE_DELIVERED, asked, NOW)) is allowed


def test_with_few_deliveries_a_gemeente_sees_only_itself(own, monkeypatch):
    page = own.get(TOPIC.format(invented.OWN) + WMO).content.decode()
    assert "Nederland staat hier voor de 12 gemeenten" in page
    monkeypatch.setattr(Shown, "fewest_delivering", lambda *_: 2)
    page = own.get(TOPIC.format(invented.OWN) + WMO).content.decode()
    assert "Nederland" not in page.split('<div class="zs-figures">')[1].split("zs-about")[0]
    assert own.get(TOPIC.format("NL01") + WMO).status_code == 404


def test_nobody_and_the_wrong_question_are_refused():
    assert not permissions.can(Actor(None, (right(),)), Action.SEE_NATIONAL, Figures("NL01", False), NOW)
    assert not permissions.can(Actor(1, (right(),)), Action.SEE_NATIONAL, Figures("GM0307", True), NOW)
    assert not permissions.can(Actor(1, (right(),)), Action.SEE_DELIVERED, Figures("GM0307", False), NOW)


def test_every_role_is_described_for_a_privacy_officer():
    for role in ROLES.values():
        assert role.omschrijving.endswith("."), role.id
        assert role.naam and role.id == role.id.lower()


def test_another_gemeentes_delivered_figures_look_like_a_page_that_does_not_exist(own):
    foreign = own.get(TOPIC.format(invented.OTHER) + WMO)
    absent = own.get(TOPIC.format("GM8888") + WMO)
    assert foreign.status_code == absent.status_code == 404
    assert without_token(foreign) == without_token(absent)
    wijk = invented.OTHER.replace("GM", "WK") + "01"
    assert own.get(TOPIC.format(wijk)).status_code == 404
    for name in ("pagina.csv", "pagina.xlsx", "kaart.csv", "kaart.svg", "kaart.png", "vergelijking.xlsx"):
        assert own.get(TOPIC.format(invented.OTHER) + name + WMO).status_code == 404, name


def test_national_figures_of_another_gemeente_are_open(own):
    page = own.get(TOPIC.format(invented.OTHER))
    assert page.status_code == 200
    assert "domein=wmo" not in page.content.decode()


def test_own_delivered_figures_show_no_other_gemeente_and_no_region(own):
    page = own.get(TOPIC.format(invented.OWN) + WMO).content.decode()
    foreign = [code for code in invented.gemeenten() if code != invented.OWN]
    assert not [code for code in foreign if code in page or code.replace("GM", "WK") in page]
    assert "ZK91" not in page.split('<div class="zs-figures">')[1]


def test_a_revoked_grant_ends_the_session_at_the_next_request(own):
    assert own.get(TOPIC.format(invented.OWN) + WMO).status_code == 200
    grant = Account.objects.get(email=OWN_EMAIL).grants.get()
    actions.revoke(grant=grant, by=None)
    assert own.get(TOPIC.format(invented.OWN) + WMO).status_code == 302


def test_idle_and_old_sessions_end(own, settings):
    for key, limit in (("seen", settings.SESSION_IDLE_SECONDS), ("began", settings.SESSION_ABSOLUTE_SECONDS)):
        own.force_login(Account.objects.get(email=OWN_EMAIL))
        assert own.get("/").status_code == 200
        session = own.session
        session[key] -= limit + 1
        session.save()
        assert own.get("/").status_code == 302, key


def test_a_visitor_without_account_is_sent_to_log_in(site, client):
    for path in ("/", "/zoeken/", TOPIC.format(invented.OWN), TOPIC.format(invented.OWN) + "kaart.csv"):
        answer = client.get(path)
        assert answer.status_code == 302 and answer["Location"].startswith("/inloggen/"), path


def test_a_piece_of_a_page_sends_the_whole_page_to_log_in(site, client):
    answer = client.get("/zoeken/?zoek=bee", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"], answer.content) == (401, "/inloggen/", b"")


def test_nobody_can_sign_up(site, client):
    assert client.get("/signup/").status_code == client.get("/account/signup/").status_code == 404


def test_every_address_has_a_policy_and_the_check_can_fail(monkeypatch):
    assert policy.check_urls(None) == []
    from zorgspiegel.portal.views import pages

    monkeypatch.delattr(pages.start, "policy")
    assert [str(error.msg) for error in policy.check_urls(None)] == ["The address  has no policy."]


def test_a_site_with_an_address_without_policy_does_not_start(monkeypatch):
    from zorgspiegel.config import prepare
    from zorgspiegel.portal.views import pages

    prepare._refuse_faults()
    monkeypatch.delattr(pages.start, "policy")
    with pytest.raises(SettingError, match="has no policy"):
        prepare._refuse_faults()


def test_an_address_without_policy_is_closed(site, client, monkeypatch):
    from zorgspiegel.portal.views import pages

    assert client.get("/toegankelijkheid/").status_code == 200
    monkeypatch.delattr(pages.accessibility, "policy")
    assert client.get("/toegankelijkheid/").status_code == 302


def test_all_answers_carry_the_protecting_headers(own):
    own_page, foreign = TOPIC.format(invented.OWN), TOPIC.format(invented.OTHER)
    paths = ["/bestaat-niet/", own_page, own_page + "kaart.csv", own_page + "kaart.svg", foreign + WMO]
    for pattern in policy._patterns(get_resolver().url_patterns):
        if not pattern.pattern.regex.groups:
            paths.append(reverse(pattern.name))
    assert len(paths) > 20
    for path in paths:
        answer = own.get(path)
        policy_header = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy_header and "unsafe" not in policy_header, path
        assert answer["Cache-Control"] == "no-store", path
        assert answer["X-Content-Type-Options"] == "nosniff", path
        assert answer["X-Frame-Options"] == "DENY", path
        assert "camera=()" in answer["Permissions-Policy"], path


def test_logging_out_clears_what_the_browser_keeps(own):
    assert own.post("/uitloggen/")["Clear-Site-Data"] == '"cache", "storage"'
    assert own.get("/").status_code == 302


@pytest.mark.django_db
def test_actions_write_their_audit_line_and_the_trail_only_grows():
    accounts.make("spoor@zorgspiegel.example", "GM0307")
    assert [line.what for line in AuditLine.objects.all()] == [
        "organisatie.maken",
        "account.maken",
        "toegang.geven",
    ]
    for change in (AuditLine.objects.all().delete, lambda: AuditLine.objects.update(what="niets")):
        with pytest.raises(IntegrityError, match="only added"), transaction.atomic():
            change()


@pytest.mark.django_db
def test_an_act_whose_audit_line_fails_did_not_happen(monkeypatch):
    monkeypatch.setattr(actions, "note", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.make_organisation(naam="Weg", soort="gemeente", gebiedscode="GM0001", by=None)
    assert not Organisation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["kort", "wachtwoord123", "welkom-gemeente-1", "zwak@zorgspiegel"])
def test_a_weak_password_is_refused(password):
    with pytest.raises(ValidationError):
        actions.make_account(email="zwak@zorgspiegel.example", naam="Zwak", password=password, by=None)


@pytest.mark.django_db
def test_a_grant_never_lasts_longer_than_a_year():
    accounts.make("lang@zorgspiegel.example", "GM0307")
    account, organisation = Account.objects.get(), Organisation.objects.get()
    with pytest.raises(ValueError, match="at most 366 days"):
        actions.grant(
            account=account, organisation=organisation, rol="gemeente-gebruiker", doel="x", by=None,
            valid_until=datetime.now(UTC) + timedelta(days=400),
        )  # fmt: skip


def test_the_secret_of_the_second_factor_is_not_readable_in_the_database(settings):
    from zorgspiegel.ledger.adapters import SecondFactorAdapter

    adapter = SecondFactorAdapter()
    sealed = adapter.encrypt("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in sealed and adapter.decrypt(sealed) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [settings.SECRET_KEY]
    assert adapter.decrypt(sealed) == "JBSWY3DPEHPK3PXP"
