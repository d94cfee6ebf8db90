"""`zorgspiegel serve` refuses to start in a way that could not work."""

from __future__ import annotations

import pytest

from zorgspiegel.cli import main, serve


def test_https_without_a_proxy_is_refused(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("ZORGSPIEGEL_HOME", str(tmp_path))
    monkeypatch.delenv("ZORGSPIEGEL_HTTPS", raising=False)
    monkeypatch.delenv("ZORGSPIEGEL_PROXIES", raising=False)
    with pytest.raises(SystemExit) as caught:
        main(["serve"])
    assert caught.value.code == 2
    assert "set ZORGSPIEGEL_PROXIES=1" in capsys.readouterr().err


def test_a_site_without_its_style_sheets_is_refused(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("ZORGSPIEGEL_HOME", str(tmp_path))
    monkeypatch.setenv("ZORGSPIEGEL_HTTPS", "0")
    monkeypatch.setattr(serve, "vendor_is_built", lambda: False)
    with pytest.raises(SystemExit) as caught:
        main(["serve"])
    assert caught.value.code == 2
    assert "Run: make setup" in capsys.readouterr().err


def test_plain_http_is_not_offered_to_the_network(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("ZORGSPIEGEL_HOME", str(tmp_path))
    monkeypatch.setenv("ZORGSPIEGEL_HTTPS", "0")
    with pytest.raises(SystemExit) as caught:
        main(["serve", "--bind", "192.0.2.1"])
    assert caught.value.code == 2
    assert "passwords readable" in capsys.readouterr().err
