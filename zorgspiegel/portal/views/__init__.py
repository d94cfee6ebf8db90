"""Views fetch, ask and render. They decide nothing and compute nothing."""
