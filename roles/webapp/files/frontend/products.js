// Products: what can be ordered, and how many there are of it.

import { confirmed, field, openForm } from "./dialog.js";
import { PagedTable } from "./list.js";
import { $, attempt, status } from "./ui.js";

export function products(api) {
  const table = new PagedTable($("products"), [
    { title: "SKU", value: (product) => product.sku, short: true },
    { title: "Name", value: (product) => product.name, names: true },
    { title: "Price", value: (product) => product.price, amount: true },
    { title: "Stock", value: (product) => product.stock ?? "not counted", amount: true },
    { title: "Do", actions: [{ label: "Change", run: change }, { label: "Delete", run: remove }] },
  ], ["product", "products"], { button: $("fetch-products"), read: (view) => api.page("products", view), stack: true });

  $("new-product").addEventListener("click", async () => {
    const made = await openForm("New product", "Create", fields(), (data) => api.create("products", read(data)));
    if (!made) return;
    status("products-status", "good", `${made.name} was created.`);
    await table.showNewest();
  });

  async function change(product) {
    const changed = await openForm(`Change ${product.name}`, "Save", fields(product), (data) => {
      const wanted = read(data);
      if (wanted.stock === product.stock) delete wanted.stock; // it may have been ordered meanwhile
      return api.change("products", product.id, wanted);
    });
    if (!changed) return;
    status("products-status", "good", `${changed.name} was changed.`);
    await table.load();
  }

  async function remove(product) {
    if (!await confirmed(`Delete ${product.name}, ${product.sku}?`)) return;
    const done = await attempt("products-status", null, async () => {
      await api.remove("products", product.id);
      return `${product.name} was deleted.`;
    });
    if (done) await table.load();
  }

  return table;
}

function fields(product = { sku: "", name: "", price: "", stock: null }) {
  return [
    field("SKU", { name: "sku", type: "text", required: true, maxLength: 64, pattern: "[A-Za-z0-9._\\-]{1,64}", value: product.sku }, "Letters, digits, dots, dashes and underscores. Each product has its own."),
    field("Name", { name: "name", type: "text", required: true, maxLength: 255, value: product.name }),
    field("Price", { name: "price", type: "number", required: true, min: 0, max: 99999999.99, step: 0.01, value: product.price }),
    field("Stock", { name: "stock", type: "number", min: 0, max: 1e9, step: 1, value: product.stock ?? "" }, "Empty if nobody counts. Orders then take as much as they like."),
  ];
}

function read(data) {
  const stock = data.get("stock");
  return { sku: data.get("sku"), name: data.get("name"), price: data.get("price"), stock: stock === "" ? null : Number(stock) };
}
