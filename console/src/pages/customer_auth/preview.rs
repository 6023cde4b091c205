//! The visitors' own widget in a frame, which shows what stands in the fields: nothing is saved by it, and nothing leaves it.
//!
//! The frame asks with a message port; what stands in the fields goes over that port and over nothing else.

use leptos::html;
use serde_json::{Value, json};
use shared::admin::problem::escape;
use shared::admin::theme::Look;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{MessageEvent, MessagePort};

use crate::editor::Editor;
use crate::parts::field::Select;
use crate::prelude::*;

/// What can be looked at: the preview's name for it, and ours.
const SCENES: [(&str, &str); 20] = [
    ("card", "Login card, as it opens"),
    ("email", "Login card: email"),
    ("phone", "Login card: phone"),
    ("google", "Login card: Google first"),
    ("form", "Login card: your own login"),
    ("lookup", "Login card: look-up"),
    ("passkey", "Login card: passkey"),
    ("code", "Code by email"),
    ("code_phone", "Code by phone"),
    ("code_failed", "Code could not be sent"),
    ("code_refused", "Wrong code"),
    ("locked", "Too many tries"),
    ("match", "Google: the short code"),
    ("signed_in", "Signed in, with data"),
    ("confirm", "Asks before an action"),
    ("welcome", "Before anything is said"),
    ("question", "Question asked"),
    ("answer", "Answer"),
    ("interrupted", "Answer interrupted"),
    ("offline", "Connection lost"),
];

/// The frame, and what chooses what it shows.
#[component]
pub fn Preview() -> impl IntoView {
    let editor = Editor::here();
    let frame = NodeRef::<html::Iframe>::new();
    let port = leptos::prelude::RwSignal::new_local(None::<MessagePort>);
    let scene = RwSignal::new("card".to_owned());
    let scheme = RwSignal::new("light".to_owned());
    let language = Memo::new(move || editor.language());
    let draft = Memo::new(move || draft(&editor.draft(), &scene.get(), &scheme.get(), &language.get()));
    // The chat's own words are in the page: another language is another page.
    let page = Memo::new(move || {
        let (language, own) = (language.get(), editor.text("/language"));
        format!("/console/preview/{}?lang={}", editor.agent(), if language.is_empty() { own } else { language })
    });
    let heard = window_event_listener(leptos::ev::message, move |event: MessageEvent| {
        let from = frame.get_untracked().and_then(|frame| frame.content_window());
        let is_ours =
            from.is_some_and(|from| event.source().is_some_and(|source| JsValue::from(source) == JsValue::from(from)));
        let says = js_sys::Reflect::get(&event.data(), &"preview".into()).ok().and_then(|says| says.as_f64());
        if is_ours && says == Some(1.0) {
            port.set(event.ports().get(0).dyn_into().ok());
        }
    });
    on_cleanup(move || heard.remove());
    effect(move || {
        if let Some(port) = port.get()
            && let Ok(draft) = js_sys::JSON::parse(&draft.get().to_string())
        {
            port.post_message(&draft).ok();
        }
    });
    let named = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        all.iter().map(|(name, words)| ((*name).to_owned(), (*words).to_owned())).collect()
    };
    view! {
        <aside class="preview" aria-label="Preview">
            <div class="pair">
                <Select label="Show" options=named(&SCENES) value=scene on_choose=move |chosen| scene.set(chosen)/>
                <Select
                    label="In"
                    options=named(&[("light", "Light"), ("dark", "Dark"), ("auto", "As this machine")])
                    value=scheme
                    on_choose=move |chosen| scheme.set(chosen)
                />
            </div>
            <iframe node_ref=frame class="chat" title="Preview of the chat" src=move || page.get()></iframe>
            <p class="hint">"The chat as visitors get it, with what stands in the fields. Nothing that you do in it is sent."</p>
        </aside>
    }
}

/// What the preview is told.
fn draft(settings: &Value, scene: &str, scheme: &str, language: &str) -> Value {
    let none = Value::Null;
    let spoken = settings.pointer(&format!("/languages/{}", escape(language))).unwrap_or(&none);
    let text = |pointer: &str| {
        let texts = [spoken, settings].into_iter().filter_map(|texts| texts.pointer(pointer)?.as_str());
        texts.map(str::to_owned).next().unwrap_or_default()
    };
    let number = |pointer: &str, other: u64| settings.pointer(pointer).and_then(Value::as_u64).unwrap_or(other);
    let list = |pointer: &str| settings.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let suggested =
        spoken.pointer("/suggested").and_then(Value::as_array).filter(|questions| !questions.is_empty()).cloned();
    let radius = u8::try_from(number("/theme/radius", 14)).unwrap_or(u8::MAX);
    let Look { accent, ink, radius } = Look::of(&text("/theme/accent"), radius);
    let lookup = settings.pointer("/customer_auth/lookup").filter(|lookup| !lookup.is_null());
    let lookup = lookup.map(|lookup| json!({ "name": lookup["field"], "label": lookup["label"], "kind": "text" }));
    let loaded: Vec<Value> = list("/customer_auth/autofetch").iter().map(|rule| rule["name"].clone()).collect();
    json!({
        "state": scene,
        "scheme": scheme,
        "lang": if language.is_empty() { text("/language") } else { language.to_owned() },
        "look": { "accent": accent, "ink": ink, "radius": radius },
        "name": text("/name"),
        "greeting": text("/greeting"),
        "suggested": suggested.unwrap_or_else(|| list("/suggested")),
        "loaded": loaded,
        "card": {
            "title": text("/customer_auth/title"),
            "subtitle": text("/customer_auth/subtitle"),
            "methods": list("/customer_auth/methods"),
            "forms": forms(&list("/actions")),
            "lookup": lookup,
            "channels": list("/customer_auth/phone/channels"),
            "digits": number("/customer_auth/code_digits", 6).clamp(6, 10),
            "minutes": number("/customer_auth/code_minutes", 5),
        },
    })
}

/// The forms of login actions, each of a first step.
fn forms(actions: &[Value]) -> Vec<Value> {
    let logins = actions.iter().filter(|action| action.pointer("/kind/is").is_some_and(|is| is == "login"));
    let follows = |name: &Value| actions.iter().any(|action| action.pointer("/kind/next") == Some(name));
    let field = |parameter: &Value| {
        let label = parameter["label"]
            .as_str()
            .filter(|label| !label.is_empty())
            .map_or(&parameter["name"], |_| &parameter["label"]);
        json!({
            "name": parameter["name"], "label": label, "kind": parameter["kind"], "optional": parameter["optional"],
            "autocomplete": parameter["autocomplete"], "choices": parameter["choices"],
        })
    };
    let form = |action: &Value| {
        let fields: Vec<Value> = action["parameters"].as_array().into_iter().flatten().map(field).collect();
        json!({ "action": action["name"], "title": action["title"], "fields": fields })
    };
    logins.filter(|action| !follows(&action["name"])).map(form).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preview_is_told_what_stands_in_the_fields_and_no_more() {
        let settings = json!({
            "name": "N", "language": "en", "languages": {"de": {"name": null, "customer_auth": {"title": "Anmelden"}}}, "instructions": "secret", "theme": {"accent": "#FFFF00", "radius": 99},
            "customer_auth": {"title": "T", "methods": ["email_code"], "code_digits": 40, "host_token": {"keys": ["K"]}},
            "actions": [
                {"name": "in", "title": "Sign in", "url": "https://api.example.com", "kind": {"is": "login", "next": "two"}, "parameters": [{"name": "user", "label": "", "kind": "text"}]},
                {"name": "two", "title": "Code", "kind": {"is": "login"}, "parameters": []},
            ],
        });
        let told = draft(&settings, "card", "dark", "");
        assert_eq!(told["look"], json!({"accent": "#ffff00", "ink": "#000000", "radius": 28}));
        assert_eq!(told["card"]["digits"], 10);
        assert_eq!(told["card"]["forms"][0]["fields"][0]["label"], "user");
        assert_eq!(told["card"]["forms"].as_array().map(Vec::len), Some(1));
        let german = draft(&settings, "card", "dark", "de");
        assert_eq!(
            (&german["card"]["title"], &german["name"], &german["lang"]),
            (&json!("Anmelden"), &json!("N"), &json!("de"))
        );
        assert_eq!((&told["card"]["title"], &told["lang"]), (&json!("T"), &json!("en")));
        let text = told.to_string();
        assert!(!text.contains("secret") && !text.contains("api.example.com") && !text.contains("keys"));
    }
}
