// The calls of the API. Whatever goes wrong comes out as an ApiError whose message is a sentence for people.

import * as written from "./written.js";

const TIMEOUT = 30_000;

export class ApiError extends Error {
  // outage: whether the API itself is in trouble, and not only this call was refused
  constructor(sentence, { outage = false, request = "" } = {}) {
    super(request && outage ? `${sentence} (Request ${request}.)` : sentence);
    this.outage = outage;
  }
}

export async function loadConfig() {
  let answer;
  try {
    answer = await fetch("config.json", { cache: "no-store" });
  } catch {
    throw new Error("This page cannot read its config.json. Check your connection and reload.");
  }
  const config = answer.ok ? await answer.json().catch(() => null) : null;
  if (typeof config?.api_base !== "string" || !config.api_base) {
    throw new Error("This page does not know where its API is: config.json beside it is missing or names no api_base. Publish the page again.");
  }
  return new Api(config.api_base.replace(/\/+$/, ""));
}

class Api {
  #unsure = new Map(); // keys of what was sent and not answered, by what it was

  constructor(base) {
    this.base = base;
  }

  alive() { return this.#call("/api/v1/alive"); }
  ready() { return this.#call("/api/v1/ready"); }
  limits() { return this.#call("/api/v1/limits"); }

  // noun: users, products or orders. Gives { items, total }.
  page(noun, { skip = 0, limit, sort = "", search = "" }) {
    const query = new URLSearchParams({ skip, limit, count: "true", ...(sort && { sort }), ...(search && { search }) });
    return this.#call(`/api/v1/${noun}?${query}`);
  }

  change(noun, id, fields) { return this.#send("PUT", `/api/v1/${noun}/${id}`, fields); }
  setState(id, status) { return this.#send("PATCH", `/api/v1/orders/${id}`, { status }); }
  remove(noun, id) { return this.#call(`/api/v1/${noun}/${id}`, { method: "DELETE" }); }

  // What is sent again because no answer came has the key of before, so the API does not make it twice.
  async create(noun, fields) {
    const sent = JSON.stringify([noun, fields]);
    const key = this.#unsure.get(sent) ?? randomKey();
    this.#unsure.set(sent, key);
    try {
      const made = await this.#send("POST", `/api/v1/${noun}`, fields, { "Idempotency-Key": key });
      this.#unsure.delete(sent);
      return made;
    } catch (error) {
      if (!error.outage) this.#unsure.delete(sent);
      throw error;
    }
  }

  async metadata() { return (await this.#call("/api/v1/metadata")).files_metadata; }

  // All files, a page after the other.
  async files() {
    const found = [];
    for (let after = ""; after !== null;) {
      const page = await this.#call(`/api/v1/files?limit=200&after=${encodeURIComponent(after)}`);
      found.push(...page.items);
      after = page.next;
    }
    return found;
  }

  async downloadLink(name) { return (await this.#call(`/api/v1/files/${encodeURIComponent(name)}/download`)).url; }
  deleteFile(name) { return this.#call(`/api/v1/files/${encodeURIComponent(name)}`, { method: "DELETE" }); }

  // fetch() tells nothing of an upload's progress, XMLHttpRequest does.
  upload(file, onProgress) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const form = new FormData();
      form.append("file", file);
      request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
      request.onload = () => {
        try {
          resolve(read(request.status, request.responseText, request.getResponseHeader("X-Request-Id")));
        } catch (error) {
          reject(error);
        }
      };
      request.onerror = () => reject(new ApiError("The upload was cut off: the API cannot be reached, or refused the file while it was being sent.", { outage: true }));
      request.open("POST", `${this.base}/api/v1/uploads`);
      request.send(form);
    });
  }

  #send(method, path, body, headers = {}) {
    return this.#call(path, { method, headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
  }

  async #call(path, options = {}) {
    let answer;
    let text;
    try {
      const headers = { ...options.headers, ...written.header() };
      answer = await fetch(this.base + path, { ...options, headers, signal: AbortSignal.timeout(TIMEOUT) });
      written.remember(answer);
      text = await answer.text();
    } catch (error) {
      throw new ApiError(error.name === "TimeoutError" ? "The API did not answer in time." : "The API cannot be reached.", { outage: true });
    }
    const node = answer.headers.get("X-Served-By-Database");
    if (node) document.dispatchEvent(new CustomEvent("answered-by", { detail: node }));
    return read(answer.status, text, answer.headers.get("X-Request-Id"));
  }
}

// crypto.randomUUID() is there on pages over TLS only.
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function read(status, text, request) {
  if (status === 204) return null;
  let body = null;
  try {
    body = JSON.parse(text);
  } catch { /* not ours: a proxy's page, or nothing */ }
  if (status >= 200 && status < 300 && body) return body;
  const sentence = body?.error ?? `The API gave no proper answer (status ${status}). Try again in a few seconds.`;
  throw new ApiError(sentence, { outage: status >= 500 || !body?.error, request });
}
