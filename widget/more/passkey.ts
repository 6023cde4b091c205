// Passkeys: to sign in with one, and to make one (WebAuthn level 3; M8).
import type { Edge } from "../src/client/edge";
import { add, button, byId, cardId, said, text } from "./page";

type Json = Record<string, any>;

const bytes = (base64url: string) => Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

/** What the browser said of a ceremony that did not end well, as what to do: a refusal like the edge's. */
function notDone(error: unknown) {
  const name = error instanceof DOMException ? error.name : "";
  if (!name || name == "TimeoutError") return error;
  const key = { InvalidStateError: "passkey_known", NotAllowedError: "passkey_not_used", AbortError: "passkey_not_used" }[name] ?? "passkey_unable";
  return { code: "login_refused", message: text(key) };
}

/** Browsers before 2025 read and write no JSON: these turn the fields that are bytes into bytes. */
function read(options: Json, parse?: (options: any) => any) {
  if (parse) return parse(options);
  const ids = (list?: Json[]) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  const { challenge, user, allowCredentials, excludeCredentials } = options;
  return {
    ...options,
    challenge: bytes(challenge),
    ...(user && { user: { ...user, id: bytes(user.id) } }),
    allowCredentials: ids(allowCredentials),
    excludeCredentials: ids(excludeCredentials),
  };
}

function written(credential: any): Json {
  if (credential.toJSON) return credential.toJSON();
  const base64url = (buffer: ArrayBuffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const response: Json = {};
  for (const name of ["clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject"]) {
    if (credential.response[name]) response[name] = base64url(credential.response[name]);
  }
  response.transports = credential.response.getTransports?.();
  const { id, type, authenticatorAttachment } = credential;
  return { id, rawId: id, type, authenticatorAttachment, response, clientExtensionResults: {} };
}

/** Signs in on the open card. Brings what a code's verification would. */
export async function passkey(edge: Edge) {
  const card = cardId();
  const options = await edge.ask(`${edge.conversation}login/passkey`, { card });
  let credential;
  try {
    const publicKey = read(options, (PublicKeyCredential as any).parseRequestOptionsFromJSON?.bind(PublicKeyCredential));
    credential = written(await navigator.credentials.get({ publicKey }));
  } catch (error) {
    throw notDone(error);
  }
  return edge.ask(`${edge.conversation}login/passkey/verify`, { card, credential });
}

/** Makes a passkey for the person who is signed in. */
export async function makePasskey(edge: Edge) {
  const options = await edge.ask(`${edge.conversation}account/passkey`, {});
  let credential;
  try {
    const publicKey = read(options, (PublicKeyCredential as any).parseCreationOptionsFromJSON?.bind(PublicKeyCredential));
    credential = written(await navigator.credentials.create({ publicKey }));
  } catch (error) {
    throw notDone(error);
  }
  return edge.ask(`${edge.conversation}account/passkey/keep`, { credential });
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
  make.onclick = async () => {
    make.disabled = true;
    try {
      await makePasskey(edge);
      line.textContent = text("passkey_added");
      note.classList.add("cs-done");
      done();
    } catch (refusal) {
      line.textContent = said(refusal);
      make.disabled = false;
      make.focus();
    }
  };
  not.onclick = () => {
    done();
    note.remove();
  };
  // The transcript follows its end.
  dispatchEvent(new Event("resize"));
}
