// The script that a site owner pastes. It draws a button and, once the visitor wants the chat, an iframe; nothing else
// is asked for and nothing is stored (E9). Everything private is inside the iframe, of another origin.
//
// Every byte here is loaded by every visitor of every page: see the budget in docs (1,500 bytes, brotli).
export {};

type Listener = (detail?: unknown) => void;
type Command = [name: "open" | "close" | "toggle" | "on", ...rest: unknown[]];

const TAG = "countersign-chat";
const script = document.currentScript as HTMLScriptElement | null;
const host = window as unknown as { Countersign?: { open?: () => void } & Command[] };
const queue = host.Countersign;

/** How long the frame may take before the visitor is told, in milliseconds. */
const PATIENCE = 1e4;

const css = `:host{--a:var(--countersign-accent,#17594a);--i:var(--countersign-accent-ink,#fff)}
#l,#p{position:fixed;inset-inline-end:20px;z-index:2147483000;border:0}
#l{bottom:20px;width:56px;height:56px;padding:0;border-radius:50%;background:var(--a);color:var(--i);box-shadow:0 6px 24px #0003;cursor:pointer;transition:transform .15s}
#l:hover{transform:scale(1.05)}
button:focus-visible{outline:3px solid var(--a);outline-offset:3px}
svg{width:26px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linejoin:round;vertical-align:middle}
#b{position:absolute;top:-2px;inset-inline-end:-2px;min-width:20px;font:600 12px/20px system-ui;border-radius:10px;background:#c62828;color:#fff}
#b:empty,[hidden]{display:none!important}
#p{bottom:88px;width:400px;height:min(640px,100dvh - 108px);border-radius:18px;overflow:hidden;background:Canvas;box-shadow:0 12px 48px #0003}
:host([inline]) #p{position:static;width:100%;height:100%;min-height:480px;box-shadow:none}
iframe{width:100%;height:100%;border:0;display:block}
p{position:absolute;inset:0;margin:0;display:grid;place-content:center;gap:16px;text-align:center;font:16px system-ui;background:Canvas;color:CanvasText}
p button{font:inherit;padding:10px 20px;border:0;border-radius:10px;background:var(--a);color:var(--i)}
@media(max-width:479px){:host(:not([inline])) #p{inset:0;width:100%;height:100dvh;border-radius:0}}
@media(prefers-reduced-motion){#l{transition:none}}`;

if (queue?.open) {
  // Pasted twice, or run again after a page swap: the one that is there stays.
  queue.open.call(0, true);
} else if (script) {
  const edge = new URL(script.src).origin;
}
