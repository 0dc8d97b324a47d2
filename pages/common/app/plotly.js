/* ---- Plotly on its way, before anything else: the part of Streamlit's bundle that holds it, see plotly.py ---- */

export default function ({ data: { part } }) {
  import(new URL(part, document.querySelector('script[type="module"][src*="static/js/"]').src));
}
