/* ---- The film that plays alone: the stage without Streamlit, see film.py ---- */

const coded = document.getElementById("payload").textContent;
const data = Uint8Array.from(atob(coded), (char) => char.charCodeAt(0));
const alone = { data, parentElement: document.body, setStateValue: () => {} };
perform(alone);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => perform(alone));
