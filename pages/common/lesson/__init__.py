"""A lesson on the page it is about: its question over the charts, and what is covered until it is answered."""
