/* ---- Edits: shown at once, told to the server when the hand has come to rest ----
 *
 * A burst of edits makes one message. The server answers with the number of the last edit that it has heard of: what it
 * shows while a newer one is on its way, or still in the hand, is older news and is left aside.
 */

const REST_MS = 250;
const LOST_MS = 5000; // a message that was not answered by then never arrived

class Edits {
  made = 0;

  /* Take what the server shows, unless the person is further on: then nothing. */
  receive({ data, setTriggerValue }, adopt) {
    this.trigger = setTriggerValue;
    this.made = Math.max(this.made, data.heard);
    const waits = this.timer || (data.heard < this.made && performance.now() - this.sent < LOST_MS);
    if (!waits) adopt(data);
  }

  /* The person has edited: `news` is the state now, all of it. */
  make(news, rest = REST_MS) {
    this.news = { ...news, number: (this.made += 1) };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), rest);
  }

  tell() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.sent = performance.now();
    this.trigger("edited", this.news);
  }
}

/* The object that stands behind a component's root, made anew where the root is a new one. */
const standing = new WeakMap();

function behind(root, Kind) {
  if (!standing.has(root)) standing.set(root, new Kind(root));
  return standing.get(root);
}
