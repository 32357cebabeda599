// What was written last from here: the API answers from no reader of its database that lacks it. All tabs share it.

const HEADER = "X-Consistency-Token";
const PLACE = "consistency-token";
const SHOWN = 15 * 60_000; // ms; no reader is that far behind

let last = { token: "", until: 0 };

export function remember(answer) {
  const token = answer.headers.get(HEADER);
  if (!token) return;
  last = { token, until: Date.now() + SHOWN };
  try {
    localStorage.setItem(PLACE, JSON.stringify(last));
  } catch { /* the browser keeps nothing: this tab alone knows it */ }
}

export function header() {
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE));
    if (kept?.until > last.until) last = kept; // by another tab, or before this one was loaded anew
  } catch { /* as above */ }
  return Date.now() < last.until ? { [HEADER]: last.token } : {};
}
