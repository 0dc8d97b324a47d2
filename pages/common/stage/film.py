"""The film that plays alone: one HTML file with the charts of a stage and their player, for a room without a network.

It holds what the component was given, the very same scripts and styles, and Plotly as the installed package brings
it; title, settings and captions as the page has them, and the link back to the page.
"""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from plotly.offline import get_plotlyjs
from streamlit import get_option

from pages.common.stage.markup import CSS, HTML, JS

_HERE = Path(__file__).parent
_ALONE = (_HERE / "alone.js").read_text(encoding="utf-8")
_PAGE = (_HERE / "film.css").read_text(encoding="utf-8")
#: Variables of Streamlit that the styles of the stage read, and the settings of the theme behind them.
_THEME = {
    "--st-background-color": "backgroundColor",
    "--st-text-color": "textColor",
    "--st-primary-color": "primaryColor",
    "--st-link-color": "linkColor",
}
_FIXED = "--st-font: system-ui, sans-serif; --st-button-radius: 8px; --st-base-radius: 8px"


def film(payload: bytes, title: str, settings: str, captions: Sequence[str], link: str) -> bytes:
    """The file.

    Args:
        payload: What the component was given, see `stage.travelling`.
        title: Of the page.
        settings: What was run, in one line.
        captions: What the page says under the charts, as plain text.
        link: The address that opens the page with these settings.
    """
    said = "".join(f"<p>{escape(caption)}</p>" for caption in captions)
    back = f'<p><a href="{escape(link)}">Open in Descent Lab</a></p>' if link else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · Descent Lab</title>
<style>
:root {{ color-scheme: light dark; {_FIXED}; {_colors("light")} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_colors("dark")} }} }}
{_PAGE}
{CSS}
</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p>{escape(settings)}</p>
{HTML}
{said}{back}
<script>{get_plotlyjs()}</script>
<script type="text/plain" id="payload">{base64.b64encode(payload).decode("ascii")}</script>
<script type="module">
{JS}
{_ALONE}
</script>
</body>
</html>
""".encode()


def _colors(theme: str) -> str:
    """The colours of the light or the dark theme, as the app is set up."""
    set_up = {name: get_option(f"theme.{theme}.{setting}") for name, setting in _THEME.items()}
    return "; ".join(f"{name}: {color}" for name, color in set_up.items() if color)
