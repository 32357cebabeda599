// Which nodes of the database have answered this page, and how often. The API tells that only if its operator wants it to.

import { $, element } from "./ui.js";

const answers = new Map();

// node: its role and its name, such as "reader shop-db-2"
export function show(node) {
  answers.set(node, (answers.get(node) ?? 0) + 1);
  $("answered-by").textContent = node;
  $("node-list").replaceChildren(...[...answers].sort().map(([name, count]) => chip(name, count, name === node)));
  $("nodes").hidden = false;
}

function chip(name, count, isLast) {
  const made = element("li", { title: `${count} answers from ${name}` }, [name, element("span", { textContent: count })]);
  made.dataset.role = name.split(" ")[0];
  made.dataset.last = isLast;
  return made;
}
