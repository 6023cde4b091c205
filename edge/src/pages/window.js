"use strict";
(() => {
  const { state, code, card, origin } = document.body.dataset;
  // The address holds what came back from Google; it is used up, and need not stay in the history.
  try { history.replaceState(null, "", location.pathname); } catch { /* a page without history has none to clean */ }
  const close = () => setTimeout(() => window.close(), 900);
  if (state === "done") close();
  if (state !== "code") return;
  // Where the chat's own frame opened this window nothing has to be typed. Nobody else is told: a page of another origin
  // gets no message at all.
  addEventListener("message", ({ origin: from, source, data }) => {
    const isTheChat = from === origin && source === opener && data?.type === "countersign:matched" && data.card === card;
    if (!isTheChat) return;
    document.getElementById("now").hidden = true;
    document.getElementById("then").hidden = false;
    document.title = document.querySelector("#then h1").textContent;
    close();
  });
  if (opener) opener.postMessage({ type: "countersign:match", code, card }, origin);
})();
