// Passkeys: to sign in with one, and to make one (M8).
import type { Edge } from "../src/client/edge";
import { type Json, type Kind, ceremony } from "./ceremony";
import { type Brought, inOtherWindow, isAllowed, isWorthAWindow } from "./other_window";
import { add, button, byId, cardId, said, text } from "./page";

/** What a window brought, for the card that is open. */
let brought: (Brought & { card: string }) | undefined;

/** A refusal like the edge's. `elsewhere`: a window of its own may do what this frame may not. */
const refused = (key: string, elsewhere: boolean) => ({ code: "login_refused", message: text(key), elsewhere });

/** What the browser said of a ceremony that did not end well, as what to do. */
function notDone(kind: Kind, error: unknown) {
  const name = error instanceof DOMException ? error.name : "";
  if (!name || name == "TimeoutError") return error;
  const key = { InvalidStateError: "passkey_known", NotAllowedError: "passkey_not_used", AbortError: "passkey_not_used" }[name] ?? "passkey_unable";
  // A visitor who said no and a browser that refuses in frames of other sites have one name.
  return refused(key, (name == "NotAllowedError" || name == "SecurityError") && isWorthAWindow(kind));
}

/** The ceremony in this frame. Where the browser says before that it will refuse, nothing is asked for. */
async function here(kind: Kind, asked: () => Promise<Json>) {
  if (isAllowed(kind) === false) throw refused("passkey_forbidden", true);
  const options = await asked();
  return ceremony(kind, options).catch((error) => {
    throw notDone(kind, error);
  });
}

/** Signs in on the open card. Brings what a code's verification would. */
export async function passkey(edge: Edge) {
  const card = cardId();
  const asked = () => edge.ask(`${edge.conversation}login/passkey`, { card });
  const mine = brought?.card == card ? brought : undefined;
  brought = undefined;
  // Another try is another matter: a window that is still open is over with its line.
  if (!mine) byId("card-passkey-window")?.remove();
  if (!mine && isAllowed("get") === false) {
    // No request was made and nothing that was typed is wrong: the card stays as it is, and another button is shown.
    drawWindow(card, asked, text("passkey_forbidden"));
    return {};
  }
  try {
    const credential = mine?.credential ?? (await here("get", asked));
    const answer = await edge.ask(`${edge.conversation}login/passkey/verify`, { card, credential });
    mine?.end(true);
    return answer;
  } catch (refusal: any) {
    mine?.end(false);
    if (refusal?.elsewhere) drawWindow(card, asked, "");
    throw refusal;
  }
}

/** At the card's own button: another one for the window, why, and what became of it. The card's other ways stay as they are. */
function drawWindow(card: string, asked: () => Promise<Json>, why: string) {
  const line = add(byId("card"), "div", "", { id: "card-passkey-window", class: why && "cs-instead" });
  const place = () => byId("card-passkey").after(line);
  place();
  add(line, "p", why, { role: "alert" });
  const press = button(line, text("passkey_window_get"), { id: "card-passkey-open" });
  const status = add(line, "p", "", { role: "status" });
  const tell = (words: string) => {
    status.textContent = words;
    // The transcript follows its end.
    dispatchEvent(new Event("resize"));
  };
  const isOver = () => cardId() != card || !line.isConnected;
  const seen = new MutationObserver(() => {
    if (isOver()) {
      seen.disconnect();
      line.remove();
    } else if (byId("card-passkey").nextElementSibling != line) {
      // The card puts its buttons in their order anew when it goes another way.
      place();
    }
  });
  seen.observe(byId("log"), { childList: true, subtree: true });
  press.onclick = async () => {
    tell(text("passkey_window_open"));
    try {
      brought = { card, ...(await inOtherWindow("get", asked, isOver)) };
      tell("");
      hand(isOver);
    } catch (refusal) {
      if (!refusal) return;
      tell(said(refusal));
      press.focus();
    }
  };
  if (why) press.focus();
  tell("");
}

/** Goes on as at a press of the card's own button, which takes what was brought; not while it waits for another answer. */
function hand(isOver: () => boolean) {
  if (!brought) return;
  if (isOver()) {
    brought.end(false);
    brought = undefined;
    return;
  }
  byId("card-passkey").click();
  setTimeout(() => hand(isOver), 300);
}

/** Makes a passkey for the person who is signed in: in the frame, or in a window as long as somebody waits for it. */
async function makePasskey(edge: Edge, isOver?: () => boolean) {
  const asked = () => edge.ask(`${edge.conversation}account/passkey`, {});
  const mine = isOver && (await inOtherWindow("create", asked, isOver));
  try {
    const credential = mine?.credential ?? (await here("create", asked));
    await edge.ask(`${edge.conversation}account/passkey/keep`, { credential });
    mine?.end(true);
  } catch (refusal) {
    mine?.end(false);
    throw refusal;
  }
}

/** Has a button make passkeys: in the frame, and once the browser refused that, in a window of its own. */
export function makes(edge: Edge, make: HTMLButtonElement, isOver: () => boolean, say: (words: string, wrong?: unknown) => void, made: () => unknown) {
  let elsewhere = false;
  make.onclick = async () => {
    say(elsewhere ? text("passkey_window_open") : "");
    // A window may be lost behind others: another press opens another one.
    make.disabled = !elsewhere;
    try {
      await makePasskey(edge, elsewhere ? isOver : undefined);
      say("");
      await made();
    } catch (refusal: any) {
      if (!refusal) return;
      say(said(refusal), refusal);
      if (refusal.elsewhere) {
        elsewhere = true;
        make.textContent = text("passkey_window_create");
      }
    }
    make.disabled = false;
    if (make.isConnected) make.focus();
  };
}

/** After a login: a passkey makes the next one quicker, where the browser has a place for it. */
export async function offer(edge: Edge) {
  try {
    if (!(await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable())) return;
    const { conversation } = edge;
    const { passkeys, proofs } = await edge.ask(`${conversation}account`);
    if (!passkeys || proofs.some(({ method }: Json) => method == "passkey") || conversation != edge.conversation) return;
    draw(edge);
  } catch {
    // Nobody asked for it, so nobody is told.
  }
}

function draw(edge: Edge) {
  const note = add(byId("log"), "div", "", { class: "cs-note", id: "passkey-offer" });
  const line = add(note, "span", text("passkey_offer"));
  const make = button(note, text("passkey_add"), { id: "passkey-offer-add" });
  const not = button(note, text("passkey_not_now"), { id: "passkey-offer-not" });
  const done = () => {
    make.remove();
    not.remove();
    byId("composer").focus();
  };
  const say = (words: string) => {
    line.textContent = words || line.textContent;
    dispatchEvent(new Event("resize"));
  };
  makes(edge, make, () => !note.isConnected, say, () => {
    line.textContent = text("passkey_added");
    note.classList.add("cs-done");
    done();
  });
  not.onclick = () => {
    done();
    note.remove();
  };
  // The transcript follows its end.
  dispatchEvent(new Event("resize"));
}
