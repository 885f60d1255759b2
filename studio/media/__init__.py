"""One folder a medium, with everything that belongs to it; `registry` lists them."""
