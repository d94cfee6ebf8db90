"""Zorgspiegel: from delivered care data to protected, published, visible figures. Start reading in `pipeline`."""

__version__ = "0.1.0"
