// A table of many rows, one page at a time.

const PAGE = 10;

export class PagedTable {
  #rows = [];
  #page = 0;

  // columns: [{ title, value(row), number? }]; noun: ["user", "users"]
  constructor(root, columns, [one, many], { stack = false } = {}) {
    Object.assign(this, { root, columns, one, many, stack });
    this.#message("empty", `No ${many} to show yet.`);
  }

  busy() {
    if (this.#rows.length) this.root.dataset.state = "busy";
    else this.#message("busy", "Loading…");
  }

  fail(sentence) {
    this.#rows = [];
    this.#message("bad", sentence);
  }

  show(rows, page = 0) {
    this.#rows = rows;
    this.#page = Math.min(page, this.#lastPage);
    if (rows.length) this.#draw();
    else this.#message("empty", `There are no ${this.many} yet.`);
  }

  showLast(rows) {
    this.show(rows, Infinity);
  }

  // The same page again, with rows that may have changed.
  update(rows) {
    this.show(rows, this.#page);
  }

  get #lastPage() {
    return Math.max(0, Math.ceil(this.#rows.length / PAGE) - 1);
  }

  #message(state, sentence) {
    this.root.dataset.state = state;
    this.root.replaceChildren(element("p", { className: "message", textContent: sentence }));
  }

  #draw() {
    const start = this.#page * PAGE;
    const shown = this.#rows.slice(start, start + PAGE);
    const head = this.columns.map(({ title, number }) => element("th", { scope: "col", textContent: title, className: number ? "number" : "" }));
    const body = shown.map((row) => element("tr", {}, this.columns.map((column) => this.#cell(column, row))));
    const table = element("table", { className: this.stack ? "stack" : "" }, [
      element("thead", {}, [element("tr", {}, head)]),
      element("tbody", {}, body),
    ]);
    table.setAttribute("aria-labelledby", this.root.getAttribute("aria-labelledby"));
    this.root.dataset.state = "full";
    this.root.replaceChildren(table, this.#pager(start, shown.length));
  }

  #cell({ title, value, number }, row) {
    const cell = element("td", { textContent: value(row) ?? "", className: number ? "number" : "" });
    cell.dataset.label = title;
    return cell;
  }

  #pager(start, count) {
    const total = this.#rows.length;
    if (total <= PAGE) return element("p", { className: "pager", textContent: `${total} ${total === 1 ? this.one : this.many}` });
    const turn = (label, by) => {
      const target = this.#page + by;
      const button = element("button", { type: "button", className: "quiet", textContent: label, disabled: target < 0 || target > this.#lastPage });
      button.dataset.testid = `${this.root.id}-${label.toLowerCase()}`;
      button.addEventListener("click", () => {
        this.#page = target;
        this.#draw();
        const again = this.root.querySelector(`[data-testid="${button.dataset.testid}"]`);
        (again.disabled ? this.root.querySelector(".pager button:not(:disabled)") : again).focus();
      });
      return button;
    };
    const where = element("span", { textContent: `${start + 1}–${start + count} of ${total} ${this.many}` });
    where.setAttribute("role", "status");
    return element("nav", { className: "pager", ariaLabel: `Pages of ${this.many}` }, [turn("Previous", -1), where, turn("Next", 1)]);
  }
}

function element(tag, properties = {}, children = []) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
