// A passkey in a window of its own, for browsers that refuse in the frame: the host page forbids it, or the browser does so in
// every frame of another site (M8). The window is a page of ours, so the two speak by messages between equal origins. The edge
// hears of the window nothing: what is to be signed is asked for here, and what was signed goes from here to the edge.
import { type Json, type Kind, TYPE } from "./ceremony";
import { text } from "./page";

/** How long a window that opened may say nothing, milliseconds. */
const PATIENCE = 15_000;
/** How long what is to be signed may be signed, milliseconds; the edge has the same limit. */
const LIFE = 5 * 60_000;
const LOOK_EVERY = 300;

/** What the frame says to the window. */
export type Said = { at: "heard" } | { at: "task"; kind: Kind; options: Json } | { at: "done" };
/** What the window says to the frame. */
export type Told = { at: "ready" } | { at: "credential"; credential: Json } | { at: "failed"; name: string };

export interface Brought {
  credential: Json;
  /** Tells the window that the edge took it, or closes it. */
  end: (done: boolean) => void;
}

/** There is one at most: a newer one ends it. */
let close: (() => void) | undefined;

const refused = (key: string) => ({ code: "login_refused", message: text(key) });

/** Whether the browser does ceremonies of this kind in this frame, as far as it says so: Safari and Firefox do not. */
export function isAllowed(kind: Kind): boolean | undefined {
  const { featurePolicy, permissionsPolicy } = document as any;
  return (permissionsPolicy ?? featurePolicy)?.allowsFeature(`publickey-credentials-${kind}`);
}

/** Whether a page of another site is around this one: a window of its own may do what the frame may not. */
function isEmbedded() {
  try {
    return !top!.document;
  } catch {
    return true;
  }
}

/** Whether it may have been the browser that refused, and a window of its own would do. */
export const isWorthAWindow = (kind: Kind) => !isAllowed(kind) && isEmbedded();

/**
 * Has a window do the ceremony; to be called while a press still counts. Throws what to say as a refusal, or nothing at all once
 * `isOver` says that nobody waits any more.
 */
export function inOtherWindow(kind: Kind, asked: () => Promise<Json>, isOver: () => boolean): Promise<Brought> {
  close?.();
  const path = `/chat/${document.body.dataset.agent}/passkey`;
  const other = open(path, "", "popup,width=480,height=640");
  // The page around cuts its windows off (COOP `same-origin`), or the browser opened none. Neither can be spoken to.
  if (!other) return Promise.reject(refused("passkey_window_apart"));
  const options = asked();
  return new Promise((done, fail) => {
    const began = Date.now();
    let spoke = false;
    const say = (said: Said) => other.postMessage({ type: TYPE, ...said }, location.origin);
    const stop = () => {
      clearInterval(look);
      removeEventListener("message", hear);
      if (close == cease) close = undefined;
    };
    const cease = (why?: unknown) => {
      stop();
      other.close();
      fail(why);
    };
    const look = setInterval(() => {
      if (isOver()) cease();
      else if (other.closed) cease(refused(spoke ? "passkey_not_used" : "passkey_window_apart"));
      else if (!spoke && Date.now() - began > PATIENCE) cease(refused("passkey_window_apart"));
      else if (Date.now() - began > LIFE) cease(refused("passkey_not_used"));
    }, LOOK_EVERY);
    // Nobody but this window, and only while it shows a page of ours.
    const hear = ({ origin, source, data }: MessageEvent) => {
      if (origin != location.origin || source != other || data?.type != TYPE) return;
      const told: Told = data;
      spoke = true;
      if (told.at == "ready") {
        say({ at: "heard" });
        options.then((options) => say({ at: "task", kind, options }), () => {});
      } else if (told.at == "failed") {
        cease(refused(told.name == "InvalidStateError" ? "passkey_known" : "passkey_unable"));
      } else if (told.at == "credential" && !isOver()) {
        stop();
        close = () => other.close();
        done({ credential: told.credential, end: (done) => (done ? say({ at: "done" }) : other.close()) });
      }
    };
    close = cease;
    addEventListener("message", hear);
    options.catch(cease);
  });
}
