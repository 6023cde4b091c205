//! wrangler.toml as one deployment uses it: without the environment for development, with the real database and the
//! operator's own origin and sender.

use anyhow::{Context, Result, bail};

/// What differs from one deployment to the next.
pub struct Own<'a> {
    /// The database's id on Cloudflare; none for a dry run.
    pub database: Option<&'a str>,
    /// The deployment's own origin.
    pub origin: &'a str,
    /// The sender of mails.
    pub mail_from: &'a str,
}

/// The settings to be written into `dist`, from those of the repository's folder.
pub fn fill(text: &str, own: &Own<'_>) -> Result<String> {
    let host = own.origin.strip_prefix("https://").filter(|host| !host.is_empty() && !host.contains('/'));
    let host = host.with_context(|| format!("`{}` is not an origin like https://chat.example.com", own.origin))?;
    if own.mail_from.is_empty() {
        bail!(
            "the sender of mails is missing: `--mail-from 'Shop <login@example.com>'`, or MAIL_FROM in wrangler.toml"
        );
    }
    // An address of Cloudflare's own needs no domain; every other is one of the account's.
    let cloudflares = host.ends_with(".workers.dev");
    let mut lines = Vec::new();
    if !cloudflares && !has(text, "routes") {
        lines.push(format!("routes = [{{ pattern = {}, custom_domain = true }}]", quoted(host)));
    }
    for line in text.lines().take_while(|line| !is_environment(line)) {
        let Some((key, value)) = setting(line) else {
            lines.push(line.to_owned());
            continue;
        };
        let value = match key {
            "main" => quoted("release/edge/index.js"),
            "directory" => quoted(value.trim_matches('"').strip_prefix("dist/").context("assets lie in dist")?),
            "migrations_dir" => quoted(&format!("../{}", value.trim_matches('"'))),
            "database_id" => own.database.map_or_else(|| value.to_owned(), quoted),
            "PUBLIC_ORIGIN" => quoted(own.origin),
            "MAIL_FROM" => quoted(own.mail_from),
            "workers_dev" => cloudflares.to_string(),
            _ => value.to_owned(),
        };
        lines.push(format!("{key} = {value}"));
    }
    Ok(lines.join("\n") + "\n")
}

/// The value of a text setting of the deployment; nothing when it is empty.
pub fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut settings = text.lines().take_while(|line| !is_environment(line)).filter_map(setting);
    let (_, value) = settings.find(|(name, _)| *name == key)?;
    Some(value.trim_matches('"')).filter(|value| !value.is_empty())
}

fn has(text: &str, key: &str) -> bool {
    text.lines().take_while(|line| !is_environment(line)).filter_map(setting).any(|(name, _)| name == key)
}

fn is_environment(line: &str) -> bool {
    line.starts_with("[env.") || line.starts_with("[[env.")
}

fn setting(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let key = key.trim();
    let named = !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    named.then_some((key, value.trim()))
}

/// A text of TOML; a JSON string is one.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Own, fill, value};

    const TEXT: &str = "name = \"countersign\"\nmain = \"edge/build/index.js\"\nworkers_dev = false\n[assets]\n\
        directory = \"dist/assets\"\n[vars]\nPUBLIC_ORIGIN = \"\"\nMAIL_FROM = \"\"\n[[d1_databases]]\n\
        database_id = \"0000\"\nmigrations_dir = \"edge/migrations\"\n[env.dev]\nname = \"dev\"\n";
    const OWN: Own<'_> =
        Own { database: Some("4711"), origin: "https://chat.example.com", mail_from: "A <a@example.com>" };

    #[test]
    fn the_operators_values_are_filled_in_and_the_development_is_left_out() {
        assert_eq!(
            fill(TEXT, &OWN).unwrap(),
            "routes = [{ pattern = \"chat.example.com\", custom_domain = true }]\nname = \"countersign\"\n\
             main = \"release/edge/index.js\"\nworkers_dev = false\n[assets]\ndirectory = \"assets\"\n[vars]\n\
             PUBLIC_ORIGIN = \"https://chat.example.com\"\nMAIL_FROM = \"A <a@example.com>\"\n[[d1_databases]]\n\
             database_id = \"4711\"\nmigrations_dir = \"../edge/migrations\"\n"
        );
    }

    #[test]
    fn an_address_of_cloudflares_own_needs_no_route() {
        let text = fill(TEXT, &Own { origin: "https://countersign.ada.workers.dev", ..OWN }).unwrap();
        assert!(text.contains("workers_dev = true") && !text.contains("routes"));
    }

    #[test]
    fn a_deployment_without_origin_or_sender_is_refused() {
        for origin in ["", "chat.example.com", "http://chat.example.com", "https://chat.example.com/"] {
            assert!(fill(TEXT, &Own { origin, ..OWN }).is_err(), "{origin}");
        }
        assert!(fill(TEXT, &Own { mail_from: "", ..OWN }).is_err());
    }

    #[test]
    fn an_empty_value_is_none() {
        assert_eq!((value(TEXT, "name"), value(TEXT, "PUBLIC_ORIGIN")), (Some("countersign"), None));
    }
}
