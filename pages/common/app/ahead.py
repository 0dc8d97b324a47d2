"""Kinds of elements shown ahead and out of sight, while the server works.

Streamlit's browser part has a script for each kind of element and fetches it with the first one. Until then it holds
a place of 35 px for each element of the kind, and React fills such places half a second after the last new one at the
earliest. On a fresh server that is over before the elements of the page itself come, and these have their height from
the first: charts below them, which wait for that, can be drawn as soon as there is Plotly.
"""

import streamlit as st


def bring_elements() -> None:
    """Have the browser load what stands over the charts of any page, and what the sidebar is made of."""
    bare = {"label_visibility": "collapsed"}
    with st.container(key="ahead", height=1, border=False):
        st.html("<i></i>")
        st.button("-", key="ahead-button")
        st.checkbox("-", key="ahead-checkbox", **bare)
        st.multiselect("-", ("-",), key="ahead-multiselect", **bare)
        st.number_input("-", key="ahead-number", **bare)
        st.page_link(st.Page(bring_elements), label="-")
        st.segmented_control("-", ("-",), key="ahead-segments", **bare)
        st.selectbox("-", ("-",), key="ahead-select", **bare)
        st.slider("-", key="ahead-slider", **bare)
        st.text_input("-", key="ahead-text", **bare)
