// Light or dark, whatever the machine prefers: the page's own rules, with those for the other scheme switched off.

let sheets: Promise<CSSStyleSheet[]> | undefined;

/** The page's style sheets once more, readable: those of another origin, which all are here, show no rules. */
async function copies(): Promise<CSSStyleSheet[]> {
  const links = [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")];
  const made = await Promise.all(links.map(async ({ href }) => new CSSStyleSheet().replace(await (await fetch(href)).text())));
  document.adoptedStyleSheets = made;
  for (const link of links) link.disabled = true;
  return made;
}

const conditions = new WeakMap<CSSMediaRule, string>();

/** Forces `light` or `dark`; anything else leaves it to the machine. */
export async function forceScheme(scheme: string) {
  document.documentElement.style.colorScheme = scheme == "light" || scheme == "dark" ? scheme : "";
  if (!sheets && scheme != "light" && scheme != "dark") return;
  for (const sheet of await (sheets ??= copies())) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSMediaRule)) continue;
      const condition = conditions.get(rule) ?? rule.conditionText;
      conditions.set(rule, condition);
      const wanted = /prefers-color-scheme:\s*(\w+)/.exec(condition)?.[1];
      if (wanted) rule.media.mediaText = scheme == "light" || scheme == "dark" ? (wanted == scheme ? "all" : "not all") : condition;
    }
  }
}
