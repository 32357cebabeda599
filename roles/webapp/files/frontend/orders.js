// Orders: who ordered how much of what.

import { choice, confirmed, field, idOf, openForm, picker } from "./dialog.js";
import { readableTime } from "./format.js";
import { PagedTable } from "./list.js";
import { $, attempt, element, status } from "./ui.js";

const STATES = ["new", "paid", "shipped", "cancelled"];

// changed() is called when an order may have changed the stock
export function orders(api, changed) {
  const table = new PagedTable($("orders"), [
    { title: "Order", value: (order) => order.id, number: true },
    { title: "User", value: (order) => order.user_name },
    { title: "Products", value: (order) => order.items.map((item) => `${item.quantity} × ${item.product_name}`).join(", ") },
    { title: "Total", value: (order) => order.total, amount: true },
    { title: "State", value: (order) => order.status, short: true },
    { title: "Placed", value: (order) => readableTime(order.created_at), short: true },
    { title: "Do", actions: [{ label: "Change", run: change }, { label: "Delete", run: remove }] },
  ], ["order", "orders"], { button: $("fetch-orders"), read: (view) => api.page("orders", view), stack: true });

  $("new-order").addEventListener("click", async () => {
    const made = await openForm("New order", "Place order", [picker("User", "user", find("users")), lines()], (data) => {
      const quantities = data.getAll("quantity");
      const items = data.getAll("product").map((text, index) => ({ product_id: idOf(text), quantity: Number(quantities[index]) }));
      return api.create("orders", { user_id: idOf(data.get("user")), items });
    });
    if (!made) return;
    status("orders-status", "good", `Order ${made.id} of ${made.user_name} was placed: ${made.total}.`);
    await Promise.all([table.showNewest(), changed()]);
  });

  const find = (noun) => async (search) => (await api.page(noun, { limit: 20, sort: "name", search })).items;

  function lines() {
    const group = element("fieldset", {}, [element("legend", { textContent: "Products" })]);
    const more = element("button", { type: "button", className: "quiet small", textContent: "Another product" });
    more.dataset.testid = "order-more";
    more.addEventListener("click", () => add().querySelector("input").focus());
    const add = () => {
      const remove = element("button", { type: "button", className: "quiet small", textContent: "Leave out" });
      const quantity = field("Quantity", { name: "quantity", type: "number", required: true, min: 1, max: 1e6, step: 1, value: 1 });
      const line = element("div", { className: "line" }, [picker("Product", "product", find("products")), quantity, remove]);
      remove.addEventListener("click", () => {
        line.remove();
        more.focus();
      });
      more.before(line);
      return line;
    };
    group.append(more);
    add().querySelector("button").remove(); // an order has at least one line
    return group;
  }

  async function change(order) {
    const states = choice("State", "status", STATES.map((state) => [state, state]), order.status);
    const done = await openForm(`Change order ${order.id}`, "Save", [states], (data) => api.setState(order.id, data.get("status")));
    if (!done) return;
    status("orders-status", "good", `Order ${order.id} is ${done.status} now.`);
    await Promise.all([table.load(), changed()]);
  }

  async function remove(order) {
    if (!await confirmed(`Delete order ${order.id} of ${order.user_name}?`)) return;
    const done = await attempt("orders-status", null, async () => {
      await api.remove("orders", order.id);
      return `Order ${order.id} was deleted.`;
    });
    if (done) await Promise.all([table.load(), changed()]);
  }

  return table;
}
