// The window's own script: `/chat/{agent}/passkey`. It knows no conversation and asks the edge for nothing: what is to be signed
// comes from the chat's frame that opened it, and what was signed goes back there, to pages of this origin alone.
import { TYPE, ceremony } from "./ceremony";
import type { Said, Told } from "./other_window";

/** How long the chat may say nothing, milliseconds. */
const PATIENCE = 8_000;
/** How long it may take to have what was signed looked at, milliseconds: longer than two requests of the chat's live,
 * for one may be under way. */
const CHECKED_IN = 45_000;

const byId = (id: string) => document.getElementById(id)!;
const words: Record<string, string> = JSON.parse(byId("texts").textContent!);
const use = byId("use") as HTMLButtonElement;
/** Null where the page that the chat is on cut this window off, and where it was opened by itself. */
const chat: WindowProxy | null = opener;

let task: Extract<Said, { at: "task" }> | undefined;
let patience = 0;
let isOver = false;

const say = (told: Told) => chat!.postMessage({ type: TYPE, ...told }, location.origin);

/** Shows where things stand: `wait`, `ask`, `again`, `check`, `done`, `apart`. */
function show(at: string, lead = words[at]!, title = words[`${at}_title`]) {
  document.body.dataset.at = at;
  if (title) byId("title").textContent = document.title = title;
  byId("lead").textContent = lead;
  use.hidden = at != "again";
  if (at == "again") use.focus();
  if (at == "apart") byId("close").focus();
}

function waitFor(milliseconds: number) {
  clearTimeout(patience);
  patience = setTimeout(apart, milliseconds);
}

function apart() {
  isOver = true;
  show("apart");
}

async function sign({ kind, options }: Extract<Said, { at: "task" }>) {
  if (chat!.closed) return apart();
  show("ask", undefined, words[kind]);
  try {
    const credential = await ceremony(kind, options);
    if (isOver) return;
    show("check");
    waitFor(CHECKED_IN);
    say({ at: "credential", credential });
  } catch (error) {
    const { name } = error as Error;
    // The visitor said no, took too long, or the browser wants a press in this window.
    if (name == "NotAllowedError" || name == "AbortError" || name == "TimeoutError") show("again");
    else {
      waitFor(PATIENCE);
      say({ at: "failed", name });
    }
  }
}

function hear({ origin, source, data }: MessageEvent) {
  if (origin != location.origin || source != chat || data?.type != TYPE || isOver) return;
  const said: Said = data;
  clearTimeout(patience);
  // What comes second is not signed: a window has one thing to do.
  if (said.at == "task" && !task) sign((task = said));
  if (said.at == "heard") waitFor(CHECKED_IN);
  if (said.at == "done") {
    isOver = true;
    show("done");
    setTimeout(close, 900);
  }
}

byId("close").onclick = () => {
  close();
  // A browser closes no window that somebody opened by hand.
  setTimeout(() => (byId("lead").textContent = words.still!), 300);
};
use.onclick = () => sign(task!);
if (chat) {
  show("wait");
  addEventListener("message", hear);
  waitFor(PATIENCE);
  say({ at: "ready" });
} else {
  apart();
}
