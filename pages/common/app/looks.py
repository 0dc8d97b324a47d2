"""What the theme of Streamlit has no setting for: contrast, rings of focus, and room on small screens."""

from pathlib import Path

import streamlit as st

_STYLE = (Path(__file__).parent / "app.css").read_text(encoding="utf-8")


def dress() -> None:
    """Give the app its looks; once in every run."""
    st.html(f"<style>{_STYLE}</style>")
