// A code from a text message, read by the browser itself where it can (WebOTP).
import { byId, typeCode } from "./page";

let waiting: AbortController | undefined;

/** Waits for the message as long as the card waits for its code. */
export async function otp() {
  waiting?.abort();
  const { abort, signal } = bound((waiting = new AbortController()));
  const observer = new MutationObserver(() => {
    if (byId("card").dataset.at != "code") abort();
  });
  observer.observe(byId("card"), { attributeFilter: ["data-at", "hidden"] });
  try {
    const credential: any = await navigator.credentials.get({ otp: { transport: ["sms"] }, signal } as any);
    if (credential?.code) typeCode(credential.code);
  } catch {
    // The visitor types it.
  } finally {
    observer.disconnect();
  }
}

const bound = (controller: AbortController) => ({ abort: () => controller.abort(), signal: controller.signal });
