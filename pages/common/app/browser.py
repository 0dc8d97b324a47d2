"""The script round every page: an entry of the browser's history for each change, and menus that close by themselves.

See `browser.js`.
"""

from pages.common.app.unseen import unseen

_load = unseen("browser")


def mind_history() -> None:
    """Have the browser load the script; it shows nothing."""
    _load()
