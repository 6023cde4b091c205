// What leaves the frame page for the edge, for the WebAssembly and for the module of rare things alike: one place that knows
// how a request says who asks. JavaScript, because what a browser does for itself is a tenth of the bytes in it.

/** A request that is not answered by then has failed, in milliseconds: a visitor who waits must be told. */
const TIMEOUT_MS = 20_000;
/** A cookie as the session's is, that a script can read back. */
const CONTROL = "__Host-cs_control=1";

const { body } = document;
/** The session where the browser keeps no cookie: in this page's memory and nowhere else (K8). */
let bearer = "";
let keepsCookies: boolean | undefined;
/** The conversation's state at the last visit. */
let state = "";

/** Whether the browser keeps a cookie of this frame. Only trying tells: settings, partitions and modes all differ. */
function cookiesStay(): boolean {
  try {
    const attributes = "; Secure; Path=/; SameSite=None; Partitioned";
    document.cookie = CONTROL + attributes;
    const kept = document.cookie.includes(CONTROL);
    document.cookie = `${CONTROL}${attributes}; Max-Age=0`;
    return kept;
  } catch {
    return false;
  }
}

export const edge = {
  /** `/api/conversations/…/`, once a visit said which. */
  conversation: "",

  /** Sends fields as JSON, or reads where there are none. Brings the answer, parsed; throws the refusal, parsed. */
  async ask(path: string, fields?: Record<string, unknown>): Promise<any> {
    const headers: Record<string, string> = { "content-type": "application/json", "x-countersign": "1" };
    const visit = path.endsWith("/visit");
    if (visit && !(keepsCookies ??= cookiesStay())) fields!.bearer = true;
    if (bearer) headers.authorization = `Bearer ${bearer}`;
    const answer = await fetch(path, {
      headers,
      method: fields ? "POST" : "GET",
      body: fields && JSON.stringify(fields),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const said = JSON.parse((await answer.text()) || "{}");
    if (!answer.ok) throw said;
    if (path.endsWith("/logout")) bearer = "";
    bearer = said.bearer ?? bearer;
    if (visit) {
      edge.conversation = `/api/conversations/${said.conversation}/`;
      // Somebody signed in while the page was open: the moment to offer what makes it quicker the next time.
      if (state && state != said.state && said.state == "authenticated") edge.more("offer");
      state = said.state;
    }
    return said;
  },

  /** The conversation's socket. Nothing but its protocols can carry a token: it takes no headers. */
  socket: (path: string) =>
    new WebSocket(`ws${location.origin.slice(4)}${path}`, bearer ? ["countersign", `bearer.${bearer}`] : []),

  /** Does one of the rare things; the module with them is loaded at the first. */
  async more(name: string): Promise<any> {
    if (name == "otp" && !("OTPCredential" in window)) return;
    if (name == "offer" && !("PublicKeyCredential" in window)) return;
    return (await import(body.dataset.more!))[name](edge);
  },

  /** Nothing of a person stays in a dialog. */
  forget: () => document.querySelectorAll("dialog").forEach((dialog) => dialog.remove()),
};
export type Edge = typeof edge;

/** Settings may have changed since the chat was closed: the page comes anew then, unless something would be lost by it. */
let closed = false;
/** Whether the page looks for them, or comes anew, and nothing was typed or pressed meanwhile. */
let looks = false;

body.dataset.passkeys = `${"PublicKeyCredential" in window}`;
document.addEventListener("click", ({ target }) => {
  looks = false;
  const name = (target as Element).closest<HTMLElement>("[data-press]")?.dataset.press;
  if (name) edge.more(name);
});
document.addEventListener("input", () => (looks = false));
addEventListener("message", async ({ source, data }) => {
  const opens = data.type == "open";
  if (source != parent || (!opens && data.type != "close")) return;
  const again = opens && closed && !looks && !bearer;
  closed = !opens;
  if (!again) return;
  looks = true;
  const { ok } = await fetch(location.href, { headers: { "if-none-match": body.dataset.tag! } }).catch(Response.error);
  looks &&= ok && !document.querySelector("textarea")!.value;
  if (looks) location.reload();
});
(window as any).cs = edge;
