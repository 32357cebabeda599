// What the page does: each button calls the API, shows that it is busy, and then the outcome as a table or a sentence.

import { loadConfig } from "./api.js";
import { PagedTable } from "./list.js";

const HEALTHY = "API is healthy";

const $ = (id) => document.getElementById(id);

const users = new PagedTable($("users"), [
  { title: "Id", value: ([id]) => id, number: true },
  { title: "Name", value: ([, name]) => name },
], ["user", "users"]);

const files = new PagedTable($("files"), [{ title: "Name", value: (name) => name }], ["file", "files"]);

const metadata = new PagedTable($("metadata"), [
  { title: "File", value: (file) => file.file_name },
  { title: "Bucket", value: (file) => file.bucket_name },
  { title: "Uploaded", value: (file) => readableTime(file.timestamp) },
  { title: "Size", value: (file) => readableSize(file.size) },
  { title: "Type", value: (file) => file.content_type },
], ["record", "records"], { stack: true });

start();

async function start() {
  lock(true);
  let api;
  try {
    api = await loadConfig();
  } catch (error) {
    notice(error.message);
    health("bad", "No API");
    return;
  }
  lock(false);
  $("insert-form").addEventListener("submit", (event) => submit(event, () => insertUser(api)));
  $("upload-form").addEventListener("submit", (event) => submit(event, () => uploadFile(api)));
  $("fetch-users").addEventListener("click", () => load(users, $("fetch-users"), () => api.users()));
  $("list-files").addEventListener("click", () => load(files, $("list-files"), () => api.files()));
  $("fetch-metadata").addEventListener("click", () => load(metadata, $("fetch-metadata"), () => api.metadata()));
  try {
    await api.health();
    health("good", HEALTHY);
  } catch (error) {
    health("bad", error.message);
    return;
  }
  for (const button of ["fetch-users", "list-files", "fetch-metadata"]) $(button).click();
}

async function insertUser(api) {
  const field = $("user-name");
  const name = field.value.trim();
  if (!name) {
    refuse(field, "insert-status", "Type a name first.");
    return;
  }
  const done = await attempt("insert-status", $("insert-user"), async () => {
    await api.insertUser(name);
    field.value = "";
    return `${name} was inserted.`;
  });
  field.focus();
  if (done) await load(users, $("fetch-users"), () => api.users(), (rows) => users.showLast(rows)); // the new one is there
}

async function uploadFile(api) {
  const field = $("file");
  const [file] = field.files;
  if (!file) {
    refuse(field, "upload-status", "Choose a file first.");
    return;
  }
  const bar = $("upload-progress");
  bar.value = 0;
  bar.hidden = false;
  const done = await attempt("upload-status", $("upload-file"), async () => {
    await api.upload(file, (part) => {
      bar.value = Math.round(part * 100);
      status("upload-status", "busy", part < 1 ? `Uploading ${file.name}: ${bar.value} %` : `Storing ${file.name}…`);
    });
    field.value = "";
    return `${file.name} was uploaded. Its metadata follows in a moment.`;
  });
  bar.hidden = true;
  if (!done) return;
  await load(files, $("list-files"), () => api.files(), (rows) => files.update(rows));
  await followMetadata(api, file.name);
}

// The pipeline works on its own: look again until it has written the file down, but not forever.
async function followMetadata(api, name) {
  const known = timestampOf(name);
  const deadline = Date.now() + 20_000;
  for (let wait = 500; Date.now() < deadline; wait = Math.min(wait * 1.5, 4000)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const records = await api.metadata().catch(() => null);
    if (!records) continue;
    lastMetadata = records;
    if (timestampOf(name) !== known) return metadata.show(records);
  }
}

let lastMetadata = [];
const timestampOf = (name) => lastMetadata.find((file) => file.file_name === name)?.timestamp;

async function load(table, button, read, show = (rows) => table.show(rows)) {
  table.busy();
  busy(button, true);
  try {
    const rows = await read();
    health("good", HEALTHY);
    if (table === metadata) lastMetadata = rows;
    show(rows);
  } catch (error) {
    table.fail(error.message);
  } finally {
    busy(button, false);
  }
}

async function attempt(line, button, work) {
  busy(button, true);
  status(line, "busy", "Working…");
  try {
    status(line, "good", await work());
    return true;
  } catch (error) {
    status(line, "bad", error.message);
    return false;
  } finally {
    busy(button, false);
  }
}

function submit(event, work) {
  event.preventDefault();
  for (const field of event.target.elements) field.removeAttribute("aria-invalid");
  if (!event.submitter?.disabled) work();
}

function refuse(field, line, sentence) {
  field.setAttribute("aria-invalid", "true");
  field.focus();
  status(line, "bad", sentence);
}

function busy(button, is) {
  button.disabled = is;
  button.setAttribute("aria-busy", is);
}

function lock(is) {
  for (const button of document.querySelectorAll("button")) button.disabled = is;
}

function status(id, state, sentence) {
  $(id).dataset.state = state;
  $(id).textContent = sentence;
}

function health(state, sentence) {
  status("health", state, sentence);
}

function notice(sentence) {
  $("notice").textContent = sentence;
  $("notice").hidden = false;
}

function readableTime(text) {
  const time = new Date(text ?? "");
  return Number.isNaN(time.getTime()) ? text : time.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

function readableSize(bytes) {
  if (bytes == null) return "";
  const units = ["bytes", "KB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1000)), units.length - 1);
  return `${(bytes / 1000 ** power).toLocaleString(undefined, { maximumFractionDigits: power ? 1 : 0 })} ${units[power]}`;
}
