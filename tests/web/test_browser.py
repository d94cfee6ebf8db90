"""The site in a real Chromium: every check of axe-core, by keyboard, without JavaScript, at each width."""

from __future__ import annotations

import base64
import hmac
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import get_template
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.web import invented
from tests.web.accounts import PASSWORD
from tests.web.conftest import CAREFUL_EMAIL, OTHER_EMAIL, OWN_EMAIL, ROOT, Server

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 120_000
"""Milliseconds. Only a page that never comes fails; how quick it is, is measured elsewhere."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL = invented.gemeenten()[-1]
WIJK = invented.OWN.replace("GM", "WK") + "AA"
OPEN_PAGES = ("/inloggen/", "/uitleg/begrippen/", "/uitleg/bescherming/", "/toegankelijkheid/")
CLOSED_PAGES = (
    "/",
    "/?zoek=bee",
    "/?zoek=9500",
    "/?zoek=onvindbaar",
    f"/zorggebruik/{invented.OWN}/",
    f"/zorggebruik/{invented.OWN}/?categorie=ggz&jaar=1990",
    f"/zorggebruik/{SMALL}/?leeftijd=90%2B&geslacht=M",
    f"/zorggebruik/{invented.OWN}/?domein=wmo",
    f"/zorggebruik/{WIJK}/",
    "/zorggebruik/NL01/",
    "/zorggebruik/ZK91/",
    "/bestaat-niet/",
    "/account/",
    "/account/wachtwoord/",
    "/account/app/aanzetten/",
    "/uitloggen/",
)
WATCH_POLICY = """
window.refused = [];
document.addEventListener('securitypolicyviolation', (event) => window.refused.push(event.violatedDirective));
"""


@pytest.fixture(scope="session")
def axe() -> str:
    """The checker, from the packages of the frontend."""
    source = ROOT / "frontend/node_modules/axe-core/axe.min.js"
    if not source.is_file():
        pytest.skip("axe-core is not installed: run make setup-dev")
    return source.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS, timeout=PATIENCE)
    yield running
    running.close()


@dataclass
class Visitor:
    """Somebody with a browser, logged in or not."""

    page: Page
    server: Server

    def go(self, path: str) -> Any:
        """Open a page. Sent to the log-in page by surprise, all other checks would say yes."""
        answer = self.page.goto(self.server.url + path)
        assert path in OPEN_PAGES or "/inloggen/" not in self.page.url
        return answer


@pytest.fixture(scope="session")
def state(browser: Browser, server: Server) -> dict[str, Any]:
    """Cookies of a user of the own gemeente, who logged in through the form."""
    return _log_in(browser, server, OWN_EMAIL)


def _log_in(browser: Browser, server: Server, email: str) -> dict[str, Any]:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(server.url + "/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Inloggen").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Hoe ziet de zorg")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def visitor(browser: Browser, server: Server, state: dict[str, Any]) -> Iterator[Visitor]:
    context = browser.new_context(storage_state=state, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH_POLICY)
    yield Visitor(context.new_page(), server)
    context.close()


def faults(page: Page, axe: str) -> list[str]:
    """What axe-core finds: rule and place."""
    page.evaluate(axe)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    return [f"{one['id']}: {node['target']}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("path", [*OPEN_PAGES, *CLOSED_PAGES])
def test_axe_finds_nothing_and_the_policy_refuses_nothing(visitor, axe, path):
    said: list[str] = []
    visitor.page.on("console", lambda message: said.append(message.text))
    if path in OPEN_PAGES:
        visitor.page.context.clear_cookies()
    visitor.go(path)
    assert faults(visitor.page, axe) == []
    assert visitor.page.evaluate("window.refused") == []
    assert [text for text in said if "404 (Not Found)" not in text] == []


def test_axe_and_the_policy_can_find_something(visitor, axe):
    visitor.go("/toegankelijkheid/")
    visitor.page.evaluate(
        "document.querySelector('main').innerHTML += '<img src=x><p style=\"color:red\">x</p>'"
    )
    assert any(fault.startswith("image-alt") for fault in faults(visitor.page, axe))
    visitor.page.wait_for_function("window.refused.length > 0")


@pytest.mark.parametrize("status", [400, 403, 500])
def test_axe_finds_nothing_on_pages_of_errors(visitor, axe, settings, status):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    markup = _with_collected_names(get_template(f"portal/errors/{status}.html").render({}), visitor)
    visitor.page.route(
        "**/fout/", lambda route: route.fulfill(status=status, body=markup, content_type="text/html")
    )
    visitor.go("/fout/")
    assert visitor.page.locator("h1").count() == 1
    assert faults(visitor.page, axe) == []


def _with_collected_names(markup: str, visitor: Visitor) -> str:
    """The page with the style sheets of the running site: their names carry a digest."""
    visitor.go("/toegankelijkheid/")
    for link in visitor.page.locator("link[rel=stylesheet]").all():
        address = link.get_attribute("href") or ""
        name = "portal.css" if "/portal/portal." in address else "vendor/nlds.css"
        markup = markup.replace(f"/static/portal/{name}", address)
    return markup


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_page_scrolls_sideways(visitor, width):
    visitor.page.set_viewport_size({"width": width, "height": 900})
    for path in (
        "/",
        "/?zoek=9500",
        f"/zorggebruik/{SMALL}/",
        f"/zorggebruik/{invented.OWN}/?domein=wmo",
        *OPEN_PAGES[1:],
    ):
        visitor.go(path)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width, path


FOCUSABLE = "a[href], button, select, input:not([type=hidden]), summary, [tabindex='0']"
WALK = """selector => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const outlined = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none';
  return {
    place: [...document.querySelectorAll(selector)].indexOf(element),
    body: element === document.body,
    visible: outlined && box.width > 0 && box.height > 0,
    name: `${element.tagName} ${element.getAttribute('aria-label') || element.textContent}`.slice(0, 60),
  };
}"""
REACHABLE = """selector => [...document.querySelectorAll(selector)]
  .map((element, place) => [element, place])
  .filter(([element]) => element.checkVisibility({contentVisibilityAuto: true}))
  .map(([, place]) => place)"""


@pytest.mark.parametrize("path", ["/", f"/zorggebruik/{SMALL}/", f"/zorggebruik/{invented.OWN}/?domein=wmo"])
def test_the_keyboard_reaches_every_control_and_every_mark_and_shows_where_it_is(visitor, path):
    visitor.go(path)
    count = visitor.page.locator(FOCUSABLE).count()
    marks = visitor.page.locator(".zs-drawing a").count()
    seen: dict[int, str] = {}
    for _ in range(count + 5):
        visitor.page.keyboard.press("Tab")
        here = visitor.page.evaluate(WALK, FOCUSABLE)
        if here["body"]:
            break
        assert here["visible"], here["name"]
        seen[here["place"]] = here["name"]
    reachable = visitor.page.evaluate(REACHABLE, FOCUSABLE)
    assert sorted(set(reachable) - set(seen)) == []
    assert marks == 0 or marks > 20


def test_a_mark_leads_to_its_area_by_keyboard_alone(visitor):
    visitor.go(f"/zorggebruik/{invented.OWN}/")
    mark = visitor.page.locator(f".zs-drawing a[aria-label^='{invented.name_of(invented.OTHER)}']").first
    mark.focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(f"**/{invented.OTHER}/**")
    assert visitor.page.get_by_role("heading", level=1).inner_text() == invented.name_of(invented.OTHER)


def test_a_drawing_can_be_skipped(visitor):
    visitor.go(f"/zorggebruik/{invented.OWN}/")
    visitor.page.locator("#kaart .zs-skip-figure").focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("document.activeElement.closest('details').id") == "kaart-tabel"


@pytest.fixture
def plain(browser: Browser, server: Server) -> Iterator[Visitor]:
    """A visitor whose browser runs no JavaScript, with a session of its own: it will end it."""
    context = browser.new_context(
        storage_state=_log_in(browser, server, OWN_EMAIL), java_script_enabled=False
    )
    context.set_default_timeout(PATIENCE)
    yield Visitor(context.new_page(), server)
    context.close()


def test_everything_works_without_javascript(plain):
    page = plain.page
    plain.go("/")
    page.get_by_label("Naam van een gemeente").fill("9500")
    page.get_by_role("button", name="Zoek").click()
    assert page.get_by_text("Deze postcode ligt in meer gemeenten. Welke bedoelt u?").is_visible()
    page.get_by_role("link", name=invented.name_of(invented.OWN), exact=True).first.click()
    page.get_by_label("Soort zorg", exact=True).select_option("ggz")
    page.get_by_label("Jaar", exact=True).select_option("2022")
    page.get_by_role("button", name="Toon").click()
    assert "categorie=ggz" in page.url and "jaar=2022" in page.url
    assert page.locator("#reeks .zs-drawing").is_visible()
    with page.expect_download() as download:
        page.locator("#reeks").get_by_role("link", name="Tabel (Excel)").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    page.get_by_role("link", name="Wet maatschappelijke ondersteuning").click()
    assert "domein=wmo" in page.url
    page.get_by_role("button", name="Uitloggen").click()
    page.goto(plain.server.url + "/")
    assert "/inloggen/" in page.url


def test_suggestions_appear_while_typing(visitor):
    visitor.go("/")
    visitor.page.get_by_label("Naam van een gemeente").press_sequentially("Duin")
    visitor.page.locator("#voorstellen").get_by_role("link", name="Duinrand").click()
    assert visitor.page.get_by_role("heading", level=1).inner_text() == "Duinrand"
    assert visitor.page.evaluate("window.refused") == []


def test_a_stranger_meets_a_closed_door(browser, server):
    context = browser.new_context(storage_state=_log_in(browser, server, OTHER_EMAIL))
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    answer = page.goto(f"{server.url}/zorggebruik/{invented.OWN}/?domein=wmo")
    assert answer is not None and answer.status == 404
    assert page.get_by_role("heading", level=1).inner_text() == "Deze pagina is er niet"
    context.close()


def test_a_wrong_password_says_nothing_about_the_account(browser, server):
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    page, said = context.new_page(), []
    for email in (OWN_EMAIL, "niemand@zorgspiegel.example"):
        page.goto(server.url + "/inloggen/")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Wachtwoord").fill("een fout wachtwoord")
        page.get_by_role("button", name="Inloggen").click()
        said.append(page.get_by_role("alert").inner_text())
    assert said[0] == said[1] and said[0]
    context.close()


def test_the_second_step_from_turning_on_to_an_emergency_code(browser, server, axe):
    context = browser.new_context(storage_state=_log_in(browser, server, CAREFUL_EMAIL))
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(server.url + "/account/app/aanzetten/")
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Verder").click()
    assert page.get_by_role("img", name="Vierkant met de sleutel").is_visible()
    assert faults(page, axe) == []
    page.locator("#id_code").fill(_one_time_code(page.locator(".zs-secret").inner_text()))
    page.get_by_role("button", name="Aanzetten").click()
    codes = page.locator(".zs-codes code").all_inner_texts()
    assert len(codes) == 10 and faults(page, axe) == []
    page.goto(server.url + "/account/")
    assert page.get_by_text("De tweede stap staat aan.").is_visible() and faults(page, axe) == []
    page.get_by_role("button", name="Uitloggen").click()
    page.get_by_label("E-mail").fill(CAREFUL_EMAIL)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Inloggen").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Tweede stap" and faults(page, axe) == []
    answer = page.goto(f"{server.url}/zorggebruik/{invented.OTHER}/")
    assert answer is not None and "/inloggen/" in page.url, "a password alone opens nothing any more"
    page.goto(server.url + "/inloggen/tweede-stap/")
    page.locator("#id_code").fill(codes[0])
    page.get_by_role("button", name="Verder").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Hoe ziet de zorg")
    context.close()


def _one_time_code(secret: str) -> str:
    """The six digits of RFC 6238 for this moment."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


def test_on_paper_tables_are_open_and_menus_are_gone(visitor):
    visitor.go(f"/zorggebruik/{invented.OWN}/")
    visitor.page.emulate_media(media="print")
    assert not visitor.page.locator(".zs-nav").is_visible()
    assert not visitor.page.locator(".zs-filters").is_visible()
    assert visitor.page.locator(".zs-table table").count() == 5
    for table in visitor.page.locator(".zs-table table").all():
        assert table.evaluate("element => element.getBoundingClientRect().height > 20")
    assert visitor.page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("path", [f"/zorggebruik/{invented.OWN}/", "/"])
def test_the_first_view_is_small(browser, server, state, path):
    """At most 150 kB over the wire, of which at most 30 kB JavaScript."""
    context = browser.new_context(storage_state=state)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    client.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    client.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(server.url + path)
    page.wait_for_load_state("networkidle")
    assert "/inloggen/" not in page.url
    assert 20_000 < sum(sizes.values()) <= 150_000
    assert sum(size for key, size in sizes.items() if kinds.get(key) == "Script") <= 30_000
    context.close()
