"""The stage: one component that draws all charts of a page and plays them."""
