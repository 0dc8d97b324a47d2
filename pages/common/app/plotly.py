"""Plotly from Streamlit's own bundle: 5 MB of script, which the browser takes longest for.

Streamlit fetches the part of its bundle that holds Plotly with the first chart that it draws, which the stages never
let it do. So the server announces this part with the document (see `server`), and a component runs it, by the name that
it has among the files that Streamlit serves: before anything else is shown, and with no chart of Streamlit's that would
be drawn twice for nobody to see.
"""

from pages.common.app.bundle import part
from pages.common.app.unseen import unseen

PLOTLY = "PlotlyChart"  #: the part that holds it
_load = unseen("plotly")


def bring_plotly() -> None:
    """Have the browser make `window.Plotly`, which the stages draw with; early in every run of the app."""
    _load({"part": part(PLOTLY)})
