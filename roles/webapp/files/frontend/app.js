// What the page does: each button calls the API, shows that it is busy, and then the outcome as a table or a sentence.

import { loadConfig } from "./api.js";
import { readableSize, readableTime } from "./format.js";
import { Health } from "./health.js";
import { PagedTable } from "./list.js";

const $ = (id) => document.getElementById(id);

let api;
let health;
let limits = null; // an older API tells none

const users = new PagedTable($("users"), [
  { title: "Id", value: ([id]) => id, number: true },
  { title: "Name", value: ([, name]) => name },
], ["user", "users"]);

const files = new PagedTable($("files"), [
  { title: "Name", value: (file) => file.name },
  { title: "Size", value: (file) => readableSize(file.size), short: true },
  { title: "Stored", value: (file) => readableTime(file.modified), short: true },
  { title: "Do", actions: [
    { label: "Download", run: (file) => attempt("files-status", null, () => download(file.name)) },
    { label: "Delete", sure: "Really delete?", run: (file) => deleteFile(file.name) },
  ] },
], ["file", "files"], { stack: true });

const metadata = new PagedTable($("metadata"), [
  { title: "File", value: (file) => file.file_name },
  { title: "Bucket", value: (file) => file.bucket_name },
  { title: "Uploaded", value: (file) => readableTime(file.timestamp), short: true },
  { title: "Size", value: (file) => readableSize(file.size), short: true },
  { title: "Type", value: (file) => file.content_type, short: true },
], ["record", "records"], { stack: true });

// Each list: its table, its button, and where its rows come from.
const lists = [
  { table: users, button: "fetch-users", read: () => api.users() },
  { table: files, button: "list-files", read: () => api.files() },
  { table: metadata, button: "fetch-metadata", read: () => api.metadata() },
];
const [userList, fileList, metadataList] = lists;

start();

async function start() {
  lock(true);
  try {
    api = await loadConfig();
  } catch (error) {
    notice(error.message);
    status("health", "bad", "No API");
    return;
  }
  lock(false);
  $("insert-form").addEventListener("submit", (event) => submit(event, insertUser));
  $("upload-form").addEventListener("submit", (event) => submit(event, uploadFile));
  $("file").addEventListener("change", () => checkFile());
  for (const list of lists) $(list.button).addEventListener("click", () => load(list));
  health = new Health(api, (state, sentence) => status("health", state, sentence), recovered);
  health.look();
}

// The API is there, for the first time or again: show what could not be shown.
function recovered() {
  for (const list of lists) if (!list.table.shown) load(list);
  if (!limits) tellLimits();
}

async function tellLimits() {
  limits = await api.limits().catch(() => null);
  if (limits) $("upload-limit").textContent = `A file may have up to ${readableSize(limits.max_upload_bytes)}.`;
}

async function insertUser() {
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
  if (done) await load(userList, (rows) => users.showLast(rows)); // the new one is there
}

// What can be known of a file before it is sent. False if it would be refused.
function checkFile() {
  const field = $("file");
  const [file] = field.files;
  status("upload-status", "", "");
  field.removeAttribute("aria-invalid");
  if (!file) return false;
  if (limits && file.size > limits.max_upload_bytes) {
    refuse(field, "upload-status", `${file.name} has ${readableSize(file.size)}. A file may have up to ${readableSize(limits.max_upload_bytes)}.`);
    return false;
  }
  return true;
}

let replaced = ""; // the name that somebody has been asked about

async function uploadFile() {
  const field = $("file");
  const [file] = field.files;
  if (!file) {
    refuse(field, "upload-status", "Choose a file first.");
    return;
  }
  if (!checkFile()) return;
  if (files.rows.some((known) => known.name === file.name) && replaced !== file.name) {
    replaced = file.name;
    status("upload-status", "ask", `There is a file ${file.name} already. Press Upload again to replace it.`);
    return;
  }
  replaced = "";
  const bar = $("upload-progress");
  bar.value = 0;
  bar.hidden = false;
  const done = await attempt("upload-status", $("upload-file"), async () => {
    const answer = await api.upload(file, (part) => {
      bar.value = Math.round(part * 100);
      status("upload-status", "busy", part < 1 ? `Uploading ${file.name}: ${bar.value} %` : `Storing ${file.name}…`);
    });
    field.value = "";
    return `${file.name} was uploaded. ${answer.note ?? ""} Its metadata follows in a moment.`.replace("  ", " ");
  });
  bar.hidden = true;
  if (!done) return;
  await load(fileList, (rows) => files.update(rows));
  await followMetadata(file.name, (was, is) => is !== undefined && is !== was);
}

async function download(name) {
  const link = document.createElement("a");
  link.href = await api.downloadLink(name);
  link.click();
  return `${name} is being downloaded.`;
}

async function deleteFile(name) {
  const done = await attempt("files-status", null, async () => {
    await api.deleteFile(name);
    return `${name} was deleted.`;
  });
  if (!done) return;
  await load(fileList, (rows) => files.update(rows));
  await followMetadata(name, (_, is) => is === undefined);
}

// The pipeline works on its own: look again until it has written down what was done, but not forever.
async function followMetadata(name, isDone) {
  const known = timestampOf(metadata.rows, name);
  const deadline = Date.now() + 20_000;
  for (let wait = 500; Date.now() < deadline; wait = Math.min(wait * 1.5, 4000)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const records = await api.metadata().catch(() => null);
    if (records && isDone(known, timestampOf(records, name))) return metadata.show(records);
  }
}

const timestampOf = (records, name) => records.find((file) => file.file_name === name)?.timestamp;

async function load({ table, button, read }, show = (rows) => table.show(rows)) {
  table.busy();
  busy($(button), true);
  try {
    show(await read());
  } catch (error) {
    table.fail(error.message);
    health.failed(error);
  } finally {
    busy($(button), false);
  }
}

async function attempt(line, button, work) {
  if (button) busy(button, true);
  status(line, "busy", "Working…");
  try {
    status(line, "good", await work());
    return true;
  } catch (error) {
    status(line, "bad", error.message);
    health.failed(error);
    return false;
  } finally {
    if (button) busy(button, false);
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

function notice(sentence) {
  $("notice").textContent = sentence;
  $("notice").hidden = false;
}
