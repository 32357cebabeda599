// A table of many rows, one page at a time.

const PAGE = 10;
const SURE = 4_000; // ms in which an action that asks first may be confirmed

export class PagedTable {
  #rows = [];
  #page = 0;
  #shown = false;

  // columns: [{ title, value(row), number?, short? } or { title, actions: [{ label, sure?, run(row) }] }]; noun: ["user", "users"]
  constructor(root, columns, [one, many], { stack = false } = {}) {
    Object.assign(this, { root, columns, one, many, stack });
    this.#message("empty", `The ${many} are not loaded yet.`);
  }

  get rows() { return this.#rows; }

  // Whether what is shown is what there is: not before the first answer, nor after one that failed.
  get shown() { return this.#shown; }

  busy() {
    if (this.#rows.length) this.root.dataset.state = "busy";
    else this.#message("busy", "Loading…");
  }

  fail(sentence) {
    this.#rows = [];
    this.#shown = false;
    this.#message("bad", `The ${this.many} could not be loaded. ${sentence}`);
  }

  show(rows, page = 0) {
    this.#rows = rows;
    this.#shown = true;
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
    const head = this.columns.map((column) => element("th", { scope: "col", className: kind(column) }, [
      element("span", { textContent: column.title, className: column.actions ? "unseen" : "" }),
    ]));
    const body = shown.map((row) => element("tr", {}, this.columns.map((column) => this.#cell(column, row))));
    const table = element("table", { className: this.stack ? "stack" : "" }, [
      element("thead", {}, [element("tr", {}, head)]),
      element("tbody", {}, body),
    ]);
    table.setAttribute("aria-labelledby", this.root.getAttribute("aria-labelledby"));
    this.root.dataset.state = "full";
    this.root.replaceChildren(table, this.#pager(start, shown.length));
  }

  #cell(column, row) {
    if (column.actions) {
      const name = this.columns[0].value(row);
      return element("td", { className: "actions" }, column.actions.map((action) => this.#action(action, row, name)));
    }
    const cell = element("td", { textContent: column.value(row) ?? "", className: kind(column) });
    cell.dataset.label = column.title;
    return cell;
  }

  // A button that does something with its row. One that cannot be undone asks to be pressed twice.
  #action({ label, sure, run }, row, name) {
    const button = element("button", { type: "button", className: "quiet small", textContent: label, ariaLabel: `${label} ${name}` });
    button.dataset.testid = `${this.root.id}-${label.toLowerCase()}`;
    button.addEventListener("click", async () => {
      if (sure && button.textContent !== sure) {
        button.textContent = sure;
        button.ariaLabel = `${sure} ${name}`;
        button.classList.add("danger");
        setTimeout(() => {
          button.textContent = label;
          button.ariaLabel = `${label} ${name}`;
          button.classList.remove("danger");
        }, SURE);
        return;
      }
      button.disabled = true;
      await run(row);
      button.disabled = false;
    });
    return button;
  }

  #pager(start, count) {
    const total = this.#rows.length;
    if (total <= PAGE) return element("p", { className: "pager", textContent: `${total} ${total === 1 ? this.one : this.many}` });
    const go = (page, focus) => {
      this.#page = Math.max(0, Math.min(page, this.#lastPage));
      this.#draw();
      const again = this.root.querySelector(`[data-testid="${focus}"]`);
      (again.disabled ? this.root.querySelector(".pager button:not(:disabled)") : again).focus();
    };
    const turn = (label, by) => {
      const target = this.#page + by;
      const button = element("button", { type: "button", className: "quiet", textContent: label, disabled: target < 0 || target > this.#lastPage });
      button.dataset.testid = `${this.root.id}-${label.toLowerCase()}`;
      button.addEventListener("click", () => go(target, button.dataset.testid));
      return button;
    };
    const where = element("span", { textContent: `${start + 1}–${start + count} of ${total} ${this.many}` });
    where.setAttribute("role", "status");
    const page = element("input", { type: "number", min: 1, max: this.#lastPage + 1, value: this.#page + 1, required: true });
    page.dataset.testid = `${this.root.id}-page`;
    page.addEventListener("change", () => go((page.valueAsNumber || 1) - 1, page.dataset.testid));
    const jump = element("label", { className: "jump" }, ["Page ", page, ` of ${this.#lastPage + 1}`]);
    const pages = element("span", { className: "where" }, [where, jump]);
    return element("nav", { className: "pager", ariaLabel: `Pages of ${this.many}` }, [turn("Previous", -1), pages, turn("Next", 1)]);
  }
}

function kind({ number, short, actions }) {
  return [number && "number", short && "short", actions && "actions"].filter(Boolean).join(" ");
}

function element(tag, properties = {}, children = []) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
