// The page on which one chooses an account.
const escape = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const STYLE = `
:root { color-scheme: light dark; --ink: #1f1f1f; --soft: #5f6368; --line: #dadce0; --paper: #fff; --back: #f0f4f9; --hover: #f3f5f7 }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e3e3; --soft: #a8adb3; --line: #3c4043; --paper: #1e1f20; --back: #131314; --hover: #292a2c } }
* { box-sizing: border-box; margin: 0 }
body { min-height: 100dvh; display: grid; place-items: center; padding: 20px; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 25rem; background: var(--paper); border-radius: 20px; padding: 30px 26px }
h1 { font-size: 24px; font-weight: 500 }
main > p { color: var(--soft); margin: 4px 0 18px }
ul { list-style: none; padding: 0; border-top: 1px solid var(--line) }
li { border-bottom: 1px solid var(--line) }
a { display: flex; gap: 14px; align-items: center; padding: 13px 8px; color: inherit; text-decoration: none }
a:hover { background: var(--hover) }
a span { width: 36px; height: 36px; border-radius: 50%; background: #1f6f5c; color: #fff; display: grid; place-items: center; flex: none }
small { display: block; color: var(--soft); font-size: 14px }
`;

/** The page: each account is a link, and so is going back. */
export function chooser(path, accounts) {
  const one = ({ sub, name, email }) => `<li><a id="as-${escape(sub)}" href="${escape(path)}/${escape(sub)}"><span aria-hidden="true">${escape(name[0])}</span><div>${escape(name)}<small>${escape(email)}</small></div></a></li>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Choose an account</title><style>${STYLE}</style></head>
<body><main><h1>Choose an account</h1><p>This page plays Google on this machine. The accounts are made up.</p>
<ul>${accounts.map(one).join("")}<li><a id="none" href="${escape(path)}/none"><div>Cancel</div></a></li></ul></main></body></html>`;
}
