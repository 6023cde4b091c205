// Signing in with Google, in another window (M4). What comes of it arrives over the conversation's socket; a window that is
// ours may also say the number that it shows (R33, R34).
import type { Edge } from "../src/client/edge";
import { add, byId, cardId, said, text, typeCode } from "./page";

/** A way that was prepared is good for ten minutes on the edge. */
const FRESH_MS = 8 * 60_000;

/** Where the next window goes; none once a window went there. */
let prepared: { card: string; path: string; at: number } | undefined;
let preparing: Promise<void> | undefined;
/** A window that went: preparing another one would end it. */
let out: { card: string; at: number } | undefined;
/** The number that a window said before the card asked for it. */
let heard: { card: string; code: string } | undefined;
/** The window that said it: it shows its number until it is told that nobody has to type it. */
let teller: { card: string; window: WindowProxy } | undefined;
let watching = false;

const isOut = () => out?.card == cardId() && Date.now() - out.at < FRESH_MS;
const isReady = () => prepared?.card == cardId() && Date.now() - prepared.at < FRESH_MS;

async function prepare(edge: Edge) {
  const card = cardId();
  const { path } = await edge.ask(`${edge.conversation}login/google`, { card });
  prepared = { card, path, at: Date.now() };
}

/** Prepares while the visitor reads: a window opens at a press and not after an answer. */
export async function google(edge: Edge) {
  watch();
  if (byId("card").dataset.at == "match") byId("card-window")?.remove();
  if (isReady() || isOut()) return;
  byId("card-window")?.remove();
  preparing ??= prepare(edge).finally(() => (preparing = undefined));
  // A failure is said at the press.
  await preparing.catch(() => {});
}

/** The press. */
export async function openGoogle(edge: Edge) {
  byId("card-window")?.remove();
  let failure;
  if (!isReady()) await (preparing ?? prepare(edge)).catch((refusal) => (failure = refusal));
  const line = add(byId("card-google").parentElement!, "p", "", { id: "card-window", role: "status" });
  if (!isReady()) {
    line.textContent = said(failure);
    return;
  }
  const { path } = prepared!;
  prepared = undefined;
  out = { card: cardId(), at: Date.now() };
  // Null where the page that embeds this one, or the other one, cut the two windows apart: it opened all the same.
  window.open(path, "", "popup,width=480,height=640");
  line.append(`${text("google_window")} `);
  add(line, "a", text("google_link"), { href: path, target: "_blank", rel: "opener" });
}

function watch() {
  if (watching) return;
  watching = true;
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== location.origin || data?.type !== "countersign:match") return;
    heard = { card: String(data.card), code: String(data.code) };
    teller = { card: heard.card, window: source as WindowProxy };
    take();
  });
  const seen = new MutationObserver(() => (take(), tell()));
  seen.observe(byId("card"), { attributeFilter: ["data-at"] });
  seen.observe(byId("state"), { attributeFilter: ["data-state"] });
}

/** Once the visitor is signed in and the card is gone, the window may close. */
function tell() {
  if (!teller || byId("card").dataset.at || byId("state").dataset.state != "authenticated") return;
  teller.window.postMessage({ type: "countersign:matched", card: teller.card }, location.origin);
  teller = undefined;
}

function take() {
  if (heard?.card != cardId() || byId("card").dataset.at != "match") return;
  const { code } = heard!;
  heard = undefined;
  typeCode(code);
}
