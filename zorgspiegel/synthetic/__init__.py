"""Invented deliveries and figures on real areas and populations. Nothing that comes from here is true."""

from zorgspiegel.synthetic.invent import STANDARDS, invent
from zorgspiegel.synthetic.people import read as read_land
from zorgspiegel.synthetic.zvw import facts as zvw_facts

__all__ = ["STANDARDS", "invent", "read_land", "zvw_facts"]
