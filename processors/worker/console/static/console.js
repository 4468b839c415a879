// Pages keep up to date, keys move, pairs light up, bodies open in place. Without the script everything is still there.
"use strict";
const POLL_MS = 2000;
const main = document.getElementById("main");
const dialog = document.getElementById("raw");

// -- keeping up to date: the server says by the ETag whether anything is new

const asOf = document.getElementById("as-of");
let etag = main.dataset.etag;

async function refresh() {
  if (document.hidden || dialog.open) return;
  const answer = await fetch(main.dataset.poll, { headers: { "If-None-Match": etag }, cache: "no-store", redirect: "manual" });
  if (answer.status === 401) return isTyping() || location.reload();
  if (!answer.headers.get("ETag")) return; // not a page of the console: even its error pages have an ETag
  if (answer.status !== 304 && !show(await answer.text())) return;
  etag = answer.headers.get("ETag");
  if (asOf) asOf.textContent = new Date(answer.headers.get("Date")).toISOString();
}

function isTyping() { // the reason for setting a gap aside: a refresh would delete it
  return [...main.querySelectorAll(".aside input")].some((each) => each.value);
}

function show(page) {
  if (isTyping()) return false;
  const active = document.activeElement;
  const focused = main.contains(active) ? active.id : "";
  if (!getSelection().isCollapsed || (main.contains(active) && !focused && active !== main)) return false;
  const left = main.querySelector(".scroll")?.scrollLeft ?? 0;
  main.innerHTML = page;
  main.querySelector(".scroll")?.scrollTo({ left });
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  return true;
}

async function keepUp() {
  try { await refresh(); } catch { /* the worker is away: the next round may find it again */ }
  setTimeout(keepUp, POLL_MS);
}
if (main.dataset.poll) setTimeout(keepUp, POLL_MS);

// -- keys

function move(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const at = rows.indexOf(document.activeElement.closest?.("[data-row]"));
  rows[Math.min(rows.length - 1, Math.max(0, at < 0 && by < 0 ? 0 : at + by))]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open || event.target.closest("input, textarea, select")) return;
  if (event.key === "/") document.getElementById("q")?.focus();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "Enter" && event.target.matches("[data-row]")) (event.target.querySelector("[data-open]") ?? event.target.querySelector("a"))?.click();
  else return;
  event.preventDefault();
});

// -- pairs: a fact above, below and in the table

function light(event) {
  const number = event.target.closest?.("[data-fact]")?.dataset.fact;
  for (const each of document.querySelectorAll(".hot")) each.classList.remove("hot");
  if (number) for (const each of document.querySelectorAll(`[data-fact="${CSS.escape(number)}"]`)) each.classList.add("hot");
}
for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, light);

// -- raw bodies in place

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-raw]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    const answer = await fetch(`${link.pathname}?fragment`, { cache: "no-store", redirect: "manual" });
    if (answer.status === 401 || answer.type === "opaqueredirect") throw new Error("the page has to say it");
    dialog.innerHTML = `<form method="dialog"><button class="plain" autofocus>Close</button></form>${await answer.text()}`;
    dialog.showModal();
  } catch { location.href = link.href; }
});
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
