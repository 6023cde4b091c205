// A passkey is used or made by the browser (WebAuthn level 3): in the frame, and in the window for browsers that refuse there.

export type Json = Record<string, any>;

/** The `type` of the messages between the frame and the window. */
export const TYPE = "countersign:passkey";

/** What the browser is asked for: to sign in, or to make a passkey. */
export type Kind = "get" | "create";

const bytes = (base64url: string) => Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

/** Browsers before 2025 read and write no JSON: these turn the fields that are bytes into bytes. */
function read(options: Json, parse?: (options: any) => any) {
  if (parse) return parse.call(PublicKeyCredential, options);
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

/** Asks the browser. Brings the credential as JSON; throws what the browser throws. */
export async function ceremony(kind: Kind, options: Json): Promise<Json> {
  const { parseRequestOptionsFromJSON, parseCreationOptionsFromJSON } = PublicKeyCredential as any;
  const publicKey = read(options, kind == "get" ? parseRequestOptionsFromJSON : parseCreationOptionsFromJSON);
  return written(await navigator.credentials[kind]({ publicKey }));
}
