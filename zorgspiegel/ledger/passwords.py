"""One more rule for passwords: not made of words that anybody would try first on this site."""

from __future__ import annotations

from django.core.exceptions import ValidationError

WORDS = ("zorgspiegel", "gemeente", "welkom", "wachtwoord", "password", "zorgkantoor", "wmo2015")
OTHER_CHARACTERS = 8
"""What must be left of a password when these words are taken out."""


class ContextWordsValidator:
    """Refuses a password that is little more than a word of this site with some characters around it."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError when too little is left without the well-known words."""
        rest = password.lower()
        for word in WORDS:
            rest = rest.replace(word, "")
        if len(rest) < OTHER_CHARACTERS and len(rest) < len(password):
            raise ValidationError(self.get_help_text(), code="context_word")

    def get_help_text(self) -> str:
        """What to do, in Dutch."""
        return "Gebruik niet vooral een bekend woord, zoals ‘gemeente’. Maak het wachtwoord langer."
