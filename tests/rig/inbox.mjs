// The mails that left the edge, wherever they went, and the code in a mail.
import { request } from "./http.mjs";
import { until } from "./wait.mjs";

/** The outbox of a development build: what is sent when no mail service is set. */
export function outbox(edge) {
  return {
    /** The mails to an address, newest first. */
    async to(address) {
      const response = await request(`${edge.url}/dev/inbox.json?to=${encodeURIComponent(address)}`);
      if (response.status !== 200) throw new Error(`the inbox answered ${response.status}: ${response.text}`);
      return response.json();
    },
  };
}

/** The mails that a Resend player took. */
export function resendMails(player) {
  return { to: async (address) => player.mailsTo(address).reverse() };
}

/** The code of a mail: the first line that holds digits and nothing else but spaces or dashes. */
export function codeIn(text) {
  const line = text.split(/\r?\n/).map((one) => one.trim()).find((one) => /^\d[\d \-]{4,}\d$/.test(one));
  if (!line) throw new Error(`no code on a line of its own in:\n${text}`);
  return line.replace(/\D/g, "");
}

/** The `nth` mail (1 = first ever) to an address, once it is there. */
export function mailNumber(edge, address, nth = 1) {
  return until(`mail ${nth} to ${address}`, async () => {
    const mails = await edge.mailbox.to(address);
    return mails.length >= nth && mails[mails.length - nth];
  });
}

/** Its code. */
export async function codeNumber(edge, address, nth = 1) {
  return codeIn((await mailNumber(edge, address, nth)).text);
}

/**
 * The code that a start sent: that of the first mail that came after `before` others to this address and has the word of the
 * start's card. Codes that strangers asked for may still be on their way to the same address.
 */
export async function codeAfter(edge, address, before, started) {
  const { reference } = started.json().card.step;
  const mail = await until(`a mail to ${address} with "${reference}"`, async () => {
    const mails = await edge.mailbox.to(address);
    return mails.slice(0, mails.length - before).find(({ text }) => text.includes(reference));
  });
  return codeIn(mail.text);
}
