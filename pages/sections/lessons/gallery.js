/* ---- The cards of the lessons ----
 *
 * Sixty cards of Streamlit's own elements take a browser half a second. A card is made once here, and goes in and out of
 * sight with its chapter; where only a picture or a mark is new, nothing moves, so that the focus stays where it is.
 */

class Gallery {
  constructor(root) {
    this.root = root;
    this.edits = new Edits();
    this.cards = new Map();
    root.addEventListener("click", ({ target }) => {
      const card = target.closest(".card");
      if (card) this.edits.make({ open: card.dataset.lesson }, 0);
    });
  }

  receive(component) {
    this.edits.receive(component, ({ chapters }) => {
      const sections = chapters.map((chapter) => ({ ...chapter, cards: chapter.cards.map((one) => this.card(one)) }));
      const shown = chapters.map(({ title, said, cards }) => [title, said, ...cards.map(({ key }) => key)]).join();
      if (shown !== this.shown) this.root.replaceChildren(...sections.flatMap((section) => this.chapter(section)));
      this.shown = shown;
    });
  }

  chapter({ title, said, cards }) {
    const row = element("div", "cards");
    row.append(...cards);
    return [element("h2", "", title), element("p", "said", said), row];
  }

  card({ key, title, question, picture, answered }) {
    if (!this.cards.has(key)) {
      const card = element("button", "card");
      Object.assign(card, { type: "button" }).dataset.lesson = key;
      card.append(element("b", "", title), element("div", "picture"), element("span", "", question));
      card.append(element("span", "open", "Open"));
      this.cards.set(key, card);
    }
    const card = this.cards.get(key);
    const drawn = card.querySelector(".picture");
    if (card.picture !== picture) drawn.innerHTML = card.picture = picture;
    card.querySelector("span").textContent = question;
    card.classList.toggle("answered", answered);
    card.setAttribute("aria-label", `${title}${answered ? ", answered" : ""}. ${question}`);
    return card;
  }
}

function element(kind, name, text = "") {
  return Object.assign(document.createElement(kind), { className: name, textContent: text });
}

export default function gallery(component) {
  behind(component.parentElement.querySelector(".editor"), Gallery).receive(component);
}
