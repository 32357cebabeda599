// A table of many rows, one page at a time, with a field to search and a choice of the order where the page has them.

import { $, busy, element, failed } from "./ui.js";

const PAGE = 10;
const PATIENCE = 250; // ms without a key until a search begins

export class PagedTable {
  #page = 0;
  #total = 0;
  #asked = 0;
  #shown = false;

  // columns: [{ title, value(row), number?, amount?, short?, names? } or { title, actions: [{ label, run(row) }] }]; noun: ["user", "users"]
  // read({ skip, limit, sort, search, fresh }) gives { items, total }; unless it is fresh, what was read before will do.
  constructor(root, columns, [one, many], { read, button, stack = false }) {
    Object.assign(this, { root, columns, one, many, read, button, stack });
    this.search = $(`${root.id}-search`);
    this.sort = $(`${root.id}-sort`);
    this.#message("empty", `The ${many} are not loaded yet.`);
    button.addEventListener("click", () => this.load());
    let timer;
    this.search?.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.load({ page: 0, fresh: false }), PATIENCE);
    });
    this.sort?.addEventListener("change", () => this.load({ page: 0, fresh: false }));
  }

  // Whether what is shown is what there is: not before the first answer, nor after one that failed.
  get shown() { return this.#shown; }

  // Show a page, the one that is shown again if none is said; the last one if there are not as many.
  async load({ page = this.#page, fresh = true } = {}) {
    const asked = ++this.#asked;
    this.#busy(true);
    try {
      let found = await this.#ask(page, fresh);
      const last = lastPage(found.total);
      if (page > last) found = await this.#ask(last, false);
      if (asked !== this.#asked) return; // somebody has asked for something else meanwhile
      this.#page = Math.min(page, last);
      this.#total = found.total;
      this.#shown = true;
      this.#show(found.items);
    } catch (error) {
      failed(error);
      if (asked !== this.#asked) return;
      this.#shown = false;
      this.#message("bad", `The ${this.many} could not be loaded. ${error.message}`);
    } finally {
      if (asked === this.#asked) this.#busy(false);
    }
  }

  // The row that was made last, in the order in which rows are made.
  showNewest() {
    if (this.search) this.search.value = "";
    if (this.sort) this.sort.selectedIndex = 0;
    return this.load({ page: this.sort?.value.startsWith("-") ? 0 : 1e5 });
  }

  #ask(page, fresh) {
    const view = { sort: this.sort?.value ?? "", search: this.search?.value.trim() ?? "" };
    return this.read({ skip: page * PAGE, limit: PAGE, fresh, ...view });
  }

  #busy(is) {
    busy(this.button, is);
    if (!is) return;
    if (this.#total) this.root.dataset.state = "busy";
    else this.#message("busy", "Loading…");
  }

  #message(state, sentence) {
    this.#total = 0;
    this.root.dataset.state = state;
    this.root.replaceChildren(element("p", { className: "message", textContent: sentence }));
  }

  #show(rows) {
    if (this.#total) this.#draw(rows);
    else this.#message("empty", this.search?.value.trim() ? `No ${this.many} are found by this name.` : `There are no ${this.many} yet.`);
  }

  #draw(rows) {
    const again = this.#focused();
    const head = this.columns.map((column) => element("th", { scope: "col", className: kind(column) }, [
      element("span", { textContent: column.title, className: column.actions ? "unseen" : "" }),
    ]));
    const body = rows.map((row) => element("tr", {}, this.columns.map((column) => this.#cell(column, row))));
    const table = element("table", { className: this.stack ? "stack" : "" }, [
      element("thead", {}, [element("tr", {}, head)]),
      element("tbody", {}, body),
    ]);
    table.setAttribute("aria-labelledby", this.root.getAttribute("aria-labelledby"));
    this.root.dataset.state = "full";
    this.root.replaceChildren(table, this.#pager(rows.length));
    again();
  }

  // What brings the focus back after the rows were drawn anew: to the same button, or to the nearest one.
  #focused() {
    const id = this.root.contains(document.activeElement) && document.activeElement.dataset.testid;
    if (!id) return () => {};
    const same = () => [...this.root.querySelectorAll(`[data-testid="${id}"]`)];
    const index = same().indexOf(document.activeElement);
    return () => {
      const there = same()[index] ?? same().at(-1);
      (there && !there.disabled ? there : this.root.querySelector("button:not(:disabled)"))?.focus();
    };
  }

  #cell(column, row) {
    if (column.actions) {
      const name = this.columns.find((one) => one.names)?.value(row) ?? this.columns[0].value(row);
      return element("td", { className: "actions" }, column.actions.map((action) => this.#action(action, row, name)));
    }
    const cell = element("td", { textContent: column.value(row) ?? "", className: kind(column) });
    cell.dataset.label = column.title;
    return cell;
  }

  #action({ label, run }, row, name) {
    const button = element("button", { type: "button", className: "quiet small", textContent: label, ariaLabel: `${label} ${name}` });
    button.dataset.testid = `${this.root.id}-${label.toLowerCase()}`;
    let running = false;
    button.addEventListener("click", async () => {
      if (running) return;
      running = true;
      await run(row);
      running = false;
    });
    return button;
  }

  #pager(count) {
    const total = this.#total;
    if (total <= PAGE) return element("p", { className: "pager", textContent: `${total} ${total === 1 ? this.one : this.many}` });
    const last = lastPage(total);
    const go = (page) => this.load({ page: Math.max(0, page), fresh: false });
    const turn = (label, by) => {
      const target = this.#page + by;
      const button = element("button", { type: "button", className: "quiet", textContent: label, disabled: target < 0 || target > last });
      button.dataset.testid = `${this.root.id}-${label.toLowerCase()}`;
      button.addEventListener("click", () => go(target));
      return button;
    };
    const start = this.#page * PAGE;
    const where = element("span", { textContent: `${start + 1}–${start + count} of ${total} ${this.many}` });
    where.setAttribute("role", "status");
    const page = element("input", { type: "number", min: 1, max: last + 1, value: this.#page + 1, required: true });
    page.dataset.testid = `${this.root.id}-page`;
    page.addEventListener("change", () => go((page.valueAsNumber || 1) - 1));
    const jump = element("label", { className: "jump" }, ["Page ", page, ` of ${last + 1}`]);
    const pages = element("span", { className: "where" }, [where, jump]);
    return element("nav", { className: "pager", ariaLabel: `Pages of ${this.many}` }, [turn("Previous", -1), pages, turn("Next", 1)]);
  }
}

// A list that the API gives as a whole only: searched, sorted and cut into pages here.
export class WholeList {
  rows = null; // not read yet

  // readAll() gives the rows; name(row) is what is searched; orders: what to compare rows by, by the name of the order
  constructor(readAll, name, orders = {}) {
    Object.assign(this, { readAll, name, orders });
  }

  async read({ skip, limit, sort, search, fresh }) {
    if (fresh || !this.rows) this.rows = await this.readAll();
    const part = search.toLowerCase();
    const found = this.rows.filter((row) => this.name(row).toLowerCase().includes(part));
    const by = this.orders[sort.replace("-", "")];
    if (by) found.sort((one, other) => compare(by(one), by(other)) * (sort.startsWith("-") ? -1 : 1));
    return { items: found.slice(skip, skip + limit), total: found.length };
  }
}

const lastPage = (total) => Math.max(0, Math.ceil(total / PAGE) - 1);

function compare(one, other) {
  return typeof one === "number" ? one - other : one.localeCompare(other);
}

function kind({ number, amount, short, actions }) {
  return [number && "number", amount && "amount", short && "short", actions && "actions"].filter(Boolean).join(" ");
}
