// Users: rows of the database.

import { confirmed, field, openForm } from "./dialog.js";
import { PagedTable } from "./list.js";
import { $, attempt, refuse, status, submitted } from "./ui.js";

export function users(api) {
  const table = new PagedTable($("users"), [
    { title: "Id", value: (user) => user.id, number: true },
    { title: "Name", value: (user) => user.name, names: true },
    { title: "Do", actions: [{ label: "Change", run: change }, { label: "Delete", run: remove }] },
  ], ["user", "users"], { button: $("fetch-users"), read: (view) => api.page("users", view) });

  submitted($("insert-form"), async () => {
    const input = $("user-name");
    const name = input.value.trim();
    if (!name) {
      refuse(input, "insert-status", "Type a name first.");
      return;
    }
    const done = await attempt("insert-status", $("insert-user"), async () => {
      await api.create("users", { name });
      $("insert-form").reset(); // a field that is merely emptied would be shown as wrong
      return `${name} was inserted.`;
    });
    input.focus();
    if (done) await table.showNewest();
  });

  async function change(user) {
    const name = field("Name", { name: "name", type: "text", required: true, maxLength: 255, value: user.name });
    const changed = await openForm(`Change user ${user.id}`, "Save", [name], (data) => api.change("users", user.id, { name: data.get("name") }));
    if (!changed) return;
    status("users-status", "good", `User ${user.id} is called ${changed.name} now.`);
    await table.load();
  }

  async function remove(user) {
    if (!await confirmed(`Delete user ${user.id}, ${user.name}?`)) return;
    const done = await attempt("users-status", null, async () => {
      await api.remove("users", user.id);
      return `${user.name} was deleted.`;
    });
    if (done) await table.load();
  }

  return table;
}
