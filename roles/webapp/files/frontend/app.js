// What the page does: each part of it lists, makes, changes and deletes by calling the API, and says how it went.

import { loadConfig } from "./api.js";
import { files } from "./files.js";
import { readableSize } from "./format.js";
import { Health } from "./health.js";
import * as nodes from "./nodes.js";
import { orders } from "./orders.js";
import { products } from "./products.js";
import { $, status } from "./ui.js";
import { users } from "./users.js";

let limits = null; // not told yet

start();

async function start() {
  lock(true);
  let api;
  try {
    api = await loadConfig();
  } catch (error) {
    $("notice").textContent = error.message;
    $("notice").hidden = false;
    status("health", "bad", "No API");
    return;
  }
  lock(false);
  const goods = products(api);
  const tables = [users(api), goods, orders(api, () => goods.load()), ...files(api, () => limits)];
  const health = new Health(api, (state, sentence) => status("health", state, sentence), () => recovered(api, tables));
  document.addEventListener("call-failed", (event) => health.failed(event.detail));
  document.addEventListener("answered-by", (event) => nodes.show(event.detail));
  health.look();
}

// The API is there, for the first time or again: show what could not be shown.
function recovered(api, tables) {
  for (const table of tables) if (!table.shown) table.load();
  if (!limits) tellLimits(api);
}

async function tellLimits(api) {
  limits = await api.limits().catch(() => null);
  if (limits) $("upload-limit").textContent = `A file may have up to ${readableSize(limits.max_upload_bytes)}.`;
}

function lock(is) {
  for (const button of document.querySelectorAll("button")) button.disabled = is;
}
