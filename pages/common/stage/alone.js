/* ---- The film that plays alone: the stage without Streamlit, see film.py ---- */

const data = Uint8Array.from(atob(document.getElementById("payload").textContent), (char) => char.charCodeAt(0));
const alone = { data, parentElement: document.body, setStateValue: () => {} };
perform(alone);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => perform(alone));
