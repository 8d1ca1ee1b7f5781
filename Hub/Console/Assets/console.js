// What the pages do in the browser: look again, copy, keys. Without it everything but the looking works.
"use strict";
(() => {
  const body = document.body, byId = id => document.getElementById(id), all = (css, root = document) => [...root.querySelectorAll(css)];
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes("hub-zone=" + encodeURIComponent(zone))) document.cookie = "hub-zone=" + encodeURIComponent(zone) + "; path=/; max-age=31536000; samesite=lax";

  // Copy
  const offer = root => all("[data-copy]", root).forEach(button => { button.hidden = false; });
  offer(document);
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-copy]");
    if (button) navigator.clipboard?.writeText(button.dataset.copy).then(() => { button.textContent = "copied"; setTimeout(() => { button.textContent = "copy"; }, 1500); });
  });

  // Looking again: regions hold text and links only, and are merged by their ids.
  const every = Number(body.dataset.every || 0) * 1000, live = byId("live"), stale = byId("stale");
  if (every && live) {
    live.hidden = false;
    const button = live.querySelector("[data-live-switch]"), age = live.querySelector("[data-live-age]");
    let last = Date.now(), failures = 0, timer = 0, on = true, under = false, changed = false;
    const clock = () => new Date(last).toLocaleTimeString("en-GB");
    const said = () => { const s = Math.round((Date.now() - last) / 1000); age.textContent = on ? "● " + s + " s ago" : "paused " + clock(); };
    const failed = () => {
      if (++failures < 3 && Date.now() - last < 8000) return;
      const words = "The hub does not answer since " + clock() + "; this was true then.";
      body.classList.add("away"); stale.hidden = false;
      if (stale.textContent !== words) stale.textContent = words; // said once, not at every try
    };
    const offer = () => {
      changed = true; stale.hidden = false;
      if (stale.querySelector("a")) return;
      const link = document.createElement("a");
      link.href = location.pathname + location.search; link.textContent = "Reload";
      stale.replaceChildren("The hub was changed. ", link);
    };
    const merge = text => {
      const page = new DOMParser().parseFromString(text, "text/html");
      if (page.body.dataset.version !== body.dataset.version) return offer(); // its parts may be others
      for (const region of all("[data-region]")) {
        const fresh = page.getElementById(region.id);
        if (fresh) Idiomorph.morph(region, fresh, { ignoreActiveValue: true, callbacks: { beforeAttributeUpdated: (name, node) => !(name === "open" && node.tagName === "DETAILS") && !(name === "hidden" && node.matches?.("[data-copy]")) && !(name === "class" && node.classList?.contains("here")) } });
      }
      body.classList.remove("away");
      if (changed) offer(); else stale.hidden = true; // an old hub and a new one may answer in turn
    };
    const look = async () => {
      if (under || document.hidden || !on) return;
      under = true;
      try {
        const answer = await fetch(location.href, { headers: { "X-Hub-Look": "1" }, cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(7000) });
        if (answer.type === "opaqueredirect") { location.reload(); return; }
        if (!answer.ok) { failed(); } else { const text = await answer.text(); last = Date.now(); failures = 0; merge(text); }
      } catch { failed(); }
      finally { under = false; said(); }
    };
    const begin = () => { clearInterval(timer); timer = setInterval(look, every); };
    button.addEventListener("click", () => { on = !on; button.setAttribute("aria-pressed", String(on)); said(); if (on) look(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
    setInterval(said, 1000); said(); begin();
  }

  // Keys: none changes anything, and none works while somebody types. After "g" the next key says where to, however long it takes; any other one ends it.
  const toggle = document.querySelector("[data-keys-switch]"), help = byId("help");
  let keys = localStorage.getItem("hub-keys") !== "off", going = false;
  const show = () => { toggle.hidden = false; toggle.textContent = !keys ? "Keys off" : going ? "Keys on: g, then …" : "Keys on"; toggle.setAttribute("aria-pressed", String(keys)); };
  if (toggle) { show(); toggle.addEventListener("click", () => { keys = !keys; localStorage.setItem("hub-keys", keys ? "on" : "off"); show(); }); }
  const go = to => { if (going !== to) { going = to; show(); } };
  const walk = step => {
    const rows = all("table.cards tbody tr, .needs > li").filter(row => row.querySelector("a")), held = rows.findIndex(row => row.contains(document.activeElement)), at = held < 0 ? rows.findIndex(row => row.classList.contains("here")) : held;
    if (!rows.length) return;
    rows.forEach(row => row.classList.remove("here"));
    const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    row.classList.add("here"); row.querySelector("a").focus(); row.scrollIntoView({ block: "nearest" });
  };
  const seek = () => document.querySelector(".find input[type=search]")?.focus();
  document.addEventListener("pointerdown", () => go(false));
  document.addEventListener("keydown", event => {
    if (!keys || help?.open || event.isComposing || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    const asked = going;
    go(false);
    if (event.altKey || event.metaKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.ctrlKey) { if (event.key === "k") { event.preventDefault(); seek(); } return; }
    if (asked) { const page = !event.repeat && document.querySelector(`nav [data-key="${CSS.escape(event.key)}"]`); if (page) { event.preventDefault(); location.href = page.href; } return; }
    switch (event.key) {
      case "g": go(!event.repeat); break;
      case "/": event.preventDefault(); seek(); break;
      case "j": walk(1); break;
      case "k": walk(-1); break;
      case "?": help?.showModal(); break;
    }
  });

  // A reader hears what came of what they asked for, else the name of the page.
  if (document.activeElement === body) { if (byId("said")) byId("said").focus(); else if (document.referrer.startsWith(location.origin) && !location.hash) document.querySelector("h1")?.focus({ preventScroll: true }); }
})();
