// Files: objects in the bucket, and what the pipeline wrote down about them.

import { confirmed } from "./dialog.js";
import { readableSize, readableTime } from "./format.js";
import { PagedTable, WholeList } from "./list.js";
import { $, attempt, refuse, status, submitted } from "./ui.js";

// limits() tells how large a file may be; null as long as nobody knows
export function files(api, limits) {
  const all = new WholeList(() => api.files(), (file) => file.name, {
    name: (file) => file.name,
    size: (file) => file.size,
    modified: (file) => file.modified,
  });
  const records = new WholeList(() => api.metadata(), (record) => record.file_name);

  const table = new PagedTable($("files"), [
    { title: "Name", value: (file) => file.name },
    { title: "Size", value: (file) => readableSize(file.size), short: true },
    { title: "Stored", value: (file) => readableTime(file.modified), short: true },
    { title: "Do", actions: [{ label: "Download", run: download }, { label: "Delete", run: remove }] },
  ], ["file", "files"], { button: $("list-files"), read: (view) => all.read(view), stack: true });

  const metadata = new PagedTable($("metadata"), [
    { title: "File", value: (file) => file.file_name },
    { title: "Bucket", value: (file) => file.bucket_name },
    { title: "Uploaded", value: (file) => readableTime(file.timestamp), short: true },
    { title: "Size", value: (file) => readableSize(file.size), short: true },
    { title: "Type", value: (file) => file.content_type, short: true },
    { title: "SHA-256", value: (file) => file.sha256?.slice(0, 12), short: true },
  ], ["record", "records"], { button: $("fetch-metadata"), read: (view) => records.read(view), stack: true });

  $("file").addEventListener("change", () => check());
  submitted($("upload-form"), upload);

  // What can be known of a file before it is sent. False if it would be refused.
  function check() {
    const input = $("file");
    const [file] = input.files;
    status("upload-status", "", "");
    input.removeAttribute("aria-invalid");
    const most = limits()?.max_upload_bytes ?? Infinity;
    if (!file || file.size <= most) return Boolean(file);
    refuse(input, "upload-status", `${file.name} has ${readableSize(file.size)}. A file may have up to ${readableSize(most)}.`);
    return false;
  }

  async function upload() {
    const input = $("file");
    const [file] = input.files;
    if (!file) {
      refuse(input, "upload-status", "Choose a file first.");
      return;
    }
    if (!check()) return;
    const known = all.rows?.some((one) => one.name === file.name);
    if (known && !await confirmed(`There is a file ${file.name} already. Replace it?`, "Replace")) return;
    const bar = $("upload-progress");
    bar.value = 0;
    bar.hidden = false;
    const done = await attempt("upload-status", $("upload-file"), async () => {
      const answer = await api.upload(file, (part) => {
        bar.value = Math.round(part * 100);
        status("upload-status", "busy", part < 1 ? `Uploading ${file.name}: ${bar.value} %` : `Storing ${file.name}…`);
      });
      input.value = "";
      return `${file.name} was uploaded. ${answer.note ?? ""} Its metadata follows in a moment.`.replace("  ", " ");
    });
    bar.hidden = true;
    if (!done) return;
    await table.load();
    await follow(file.name, (was, is) => is !== undefined && is !== was);
  }

  function download({ name }) {
    return attempt("files-status", null, async () => {
      const link = document.createElement("a");
      link.href = await api.downloadLink(name);
      link.click();
      return `${name} is being downloaded.`;
    });
  }

  async function remove({ name }) {
    if (!await confirmed(`Delete the file ${name}?`)) return;
    const done = await attempt("files-status", null, async () => {
      await api.deleteFile(name);
      return `${name} was deleted.`;
    });
    if (!done) return;
    await table.load();
    await follow(name, (_, is) => is === undefined);
  }

  // The pipeline works on its own: look again until it has written down what was done, but not forever.
  async function follow(name, isDone) {
    const known = timestampOf(records.rows ?? [], name);
    const deadline = Date.now() + 20_000;
    for (let wait = 500; Date.now() < deadline; wait = Math.min(wait * 1.5, 4000)) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      const found = await api.metadata().catch(() => null);
      if (!found || !isDone(known, timestampOf(found, name))) continue;
      records.rows = found;
      await metadata.load({ page: 0, fresh: false });
      return;
    }
  }

  return [table, metadata];
}

const timestampOf = (records, name) => records.find((file) => file.file_name === name)?.timestamp;
