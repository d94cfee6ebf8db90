"""One small module per public source: `read(text, context)` gives a Reading. The definitions name them."""
