"""Zorgspiegel: from delivered care data to protected, published, visible figures. Start in `pipeline`."""

__version__ = "0.1.0"
