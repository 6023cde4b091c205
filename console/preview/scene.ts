// What there is to see: one scene for each state that a visitor can meet, as the frames that the edge would send.

export type Entry = { type: string; [field: string]: unknown };

export interface Card {
  id: string;
  title: string;
  subtitle: string;
  methods: string[];
  step: { at: string; [field: string]: unknown };
  [field: string]: unknown;
}

/** The settings as the console's fields have them. */
export interface Draft {
  /** Which scene: a key of {@link SCENES}. */
  state: string;
  /** `light`, `dark`, or anything else for what the machine prefers. */
  scheme: string;
  /** The language of the owner's words. */
  lang: string;
  look: { accent: string; ink: string; radius: number };
  name: string;
  greeting: string;
  suggested: string[];
  card: {
    title: string;
    subtitle: string;
    methods: string[];
    forms: unknown[];
    lookup: unknown;
    channels: string[];
    digits: number;
    minutes: number;
  };
  /** What is loaded after a login. */
  loaded: string[];
}

const CARD = "preview-preview-card-1";
const paragraph = (text: string) => ({ type: "paragraph", spans: [{ type: "text", text }] });
const question: Entry = { type: "message", id: "preview_question", text: "Where is my order?" };
const state = (name: string): Entry => ({ type: "state", state: name });
const after = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
const answer = (text: string): Entry => ({ type: "answer", answer: 1, blocks: [paragraph(text)] });

/** The card with one way at the front, whether or not it is allowed so far. */
function card({ card }: Draft, first: string | undefined, step: Card["step"]): Entry {
  const { title, subtitle, forms, lookup, channels } = card;
  const methods = [...new Set([...(first ? [first] : []), ...card.methods])].filter((method) => method != "host_token");
  const form = forms.length ? forms : [FORM];
  const shown: Card = { id: CARD, title, subtitle, methods, step };
  if (methods.includes("login_action")) shown.forms = form;
  if (methods.includes("collection_lookup")) shown.lookup = lookup ?? LOOKUP;
  if (methods.includes("phone_code")) shown.channels = channels.length ? channels : ["sms"];
  return { type: "card", card: shown };
}

const FORM = {
  action: "sign_in",
  title: "Sign in with your account",
  fields: [
    { name: "user", label: "User name", kind: "text", autocomplete: "username" },
    { name: "password", label: "Password", kind: "password", autocomplete: "current-password" },
  ],
};
const LOOKUP = { name: "number", label: "Customer number", kind: "text" };

function code(draft: Draft, changed: object = {}, first = "email_code"): Entry[] {
  const { digits, minutes } = draft.card;
  const step = {
    at: "code", address: "ana@example.com", digits, reference: "amber fox", delivery: "sent",
    resend_at: after(45), expires_at: after(minutes * 60), ...changed,
  };
  return [question, state("pending"), card(draft, first, step)];
}

const asks = (draft: Draft, first?: string): Entry[] => [question, state("pending"), card(draft, first, { at: "address" })];

const signedIn = (draft: Draft): Entry[] => [
  question,
  card(draft, undefined, { at: "done" }),
  state("authenticated"),
  { type: "loaded", sources: (draft.loaded.length ? draft.loaded : ["recent orders"]).map((name) => ({ name, count: 2 })) },
  answer("Your order NW-1002 left us on Tuesday and arrives tomorrow."),
];

const confirmation = (step: string): Entry => ({
  type: "confirm",
  confirm: {
    id: "preview-preview-conf-1", title: "Change the delivery address", step,
    details: [{ label: "Order", value: "NW-1002" }, { label: "New address", value: "12 Harbour Street" }],
  },
});

const SCENES: Record<string, (draft: Draft) => Entry[]> = {
  welcome: () => [],
  question: () => [question],
  answer: () => [question, answer("Shipping takes 3 to 5 working days.")],
  card: (draft) => asks(draft),
  email: (draft) => asks(draft, "email_code"),
  phone: (draft) => asks(draft, "phone_code"),
  google: (draft) => asks(draft, "google"),
  form: (draft) => asks(draft, "login_action"),
  lookup: (draft) => asks(draft, "collection_lookup"),
  passkey: (draft) => asks(draft, "passkey"),
  code: (draft) => code(draft),
  code_phone: (draft) => code(draft, { address: "+12025550143", channel: "sms" }, "phone_code"),
  code_failed: (draft) => code(draft, { delivery: "failed" }),
  code_refused: (draft) => code(draft),
  locked: (draft) => asks(draft, "email_code"),
  match: (draft) => [question, state("pending"), card(draft, "google", { at: "match", digits: 2 })],
  signed_in: signedIn,
  confirm: (draft) => [...signedIn(draft), confirmation("asked")],
  confirmed: (draft) => [...signedIn(draft), confirmation("confirmed")],
  declined: (draft) => [...signedIn(draft), confirmation("declined")],
  interrupted: () => [question, { type: "interrupted", reason: "failed" }],
  offline: () => [question],
};

/** What the edge would send for a scene; for one that is not known, what it sends at the beginning. */
export const frames = (draft: Draft): Entry[] => SCENES[draft.state]?.(draft) ?? [];

/** What goes on at that moment and is not kept. */
export const opening = (draft: Draft): unknown[] => (draft.state == "question" ? [{ type: "progress", doing: { what: "thinking" } }] : []);

/** Whether this scene shows a refusal of that request. */
export const refusedAt = ({ state }: Draft, request: "start" | "verify") => (request == "start" ? state == "locked" : state == "code_refused");

/** The refusal. */
export const refusalOf = ({ state }: Draft) => ({ code: state == "locked" ? "too_often" : "code_not_accepted", message: "", retry_after_s: state == "locked" ? 60 : undefined });

/** What the preview says to whoever writes into it. */
export const reply = (answer: number): Entry => ({ type: "answer", answer, blocks: [paragraph("This is a preview: nothing that you write here is sent.")] });
