"""The charts: pure functions from arrays to Plotly figures, one file for each kind of picture.

A figure carries one frame for each key frame of the recording, named by its step; the player moves all
figures of a page in step. A frame holds only what moves. What all figures share is in `base`, their axes
are in `scales`, colours in `pages.common.theme`; no file here knows Streamlit.
"""
