// What the header says of the API, for as long as the page is open. While all is well the API is asked whether it is
// alive; once a call has failed it is asked whether it is ready, more often, until it is.

const WELL = 15_000; // ms between two questions while all is well
const ILL = 4_000;

export class Health {
  #timer;
  #good = null; // unknown

  // show(state, sentence); recovered() is called when the API is ready for the first time, or again
  constructor(api, show, recovered) {
    Object.assign(this, { api, show, recovered });
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
  }

  // Ask now, and from then on.
  async look() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      await (this.#good ? this.api.alive() : this.api.ready());
      this.#say(true, "API is healthy");
    } catch (error) {
      this.#say(false, error.message);
    }
    this.#later();
  }

  // A call has failed: if that is the API's own trouble, it is not healthy until it is ready again.
  failed(error) {
    if (!error.outage) return;
    this.#say(false, error.message);
    this.#later();
  }

  #say(good, sentence) {
    const back = good && this.#good !== true;
    this.#good = good;
    this.show(good ? "good" : "bad", sentence);
    if (back) this.recovered();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (document.hidden ? this.#later() : this.look()), this.#good ? WELL : ILL);
  }
}
