//! One command to Cloudflare.

mod settings;

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use self::settings::Own;
use crate::build::{self, Flavour};
use crate::progress::{self, Step};
use crate::run::{Job, Output};
use crate::{claim, paths, stamp, tools};

/// Binding of the control plane's database in wrangler.toml.
const BINDING: &str = "DB";
/// The settings of this deployment.
const SETTINGS: &str = "dist/deploy.toml";

/// Secrets without which a release refuses to answer, and how to make one.
const SECRETS: [(&str, &str); 3] = [
    ("COUNTERSIGN_MASTER_KEY", "openssl rand -base64 32"),
    ("COUNTERSIGN_SIGNING_KEYS", "echo \"k1:$(openssl rand -base64 32)\""),
    ("RESEND_API_KEY", "echo \"re_… (from resend.com)\""),
];

/// What was asked for.
#[derive(Default)]
pub struct Options {
    dry_run: bool,
    origin: Option<String>,
    mail_from: Option<String>,
}

impl Options {
    /// Reads the words after `deploy`.
    pub fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        let mut rest = words;
        loop {
            rest = match rest {
                [] => return Ok(options),
                ["--dry-run", rest @ ..] => {
                    options.dry_run = true;
                    rest
                }
                ["--origin", value, rest @ ..] => {
                    options.origin = Some((*value).to_owned());
                    rest
                }
                ["--mail-from", value, rest @ ..] => {
                    options.mail_from = Some((*value).to_owned());
                    rest
                }
                [other, ..] => bail!("deploy does not know `{other}`, or it lacks a value"),
            }
        }
    }

    /// The deployment's own origin, as the settings of this deployment say it.
    fn origin(&self) -> Result<String> {
        let text = fs::read_to_string(paths::at(SETTINGS)).with_context(|| format!("cannot read {SETTINGS}"))?;
        let origin = self.origin.clone().or_else(|| settings::value(&text, "PUBLIC_ORIGIN").map(str::to_owned));
        origin.context("PUBLIC_ORIGIN is not set")
    }

    /// Writes the settings of this deployment. A dry run takes samples where nothing is set.
    fn write(&self, database: Option<&str>) -> Result<()> {
        let text = fs::read_to_string(paths::at("wrangler.toml")).context("cannot read wrangler.toml")?;
        let given = |option: &Option<String>, key: &str, sample: &str| {
            let set = option.clone().or_else(|| settings::value(&text, key).map(str::to_owned));
            set.unwrap_or_else(|| if self.dry_run { sample.to_owned() } else { String::new() })
        };
        let origin = given(&self.origin, "PUBLIC_ORIGIN", "https://chat.example.com");
        if origin.is_empty() {
            bail!(
                "the deployment's own origin is missing: `--origin https://chat.example.com`, or PUBLIC_ORIGIN in wrangler.toml"
            );
        }
        let mail_from = given(&self.mail_from, "MAIL_FROM", "Sample <login@example.com>");
        let filled = settings::fill(&text, &Own { database, origin: &origin, mail_from: &mail_from })?;
        stamp::write(&paths::at(SETTINGS), filled.as_bytes())
    }
}

/// `cargo xtask deploy`.
pub fn run(options: &Options) -> Result<bool> {
    // What is missing is said before anything is built.
    options.write(None)?;
    let token = claim::token()?;
    let mut steps = tools::missing()?;
    if !options.dry_run {
        steps.push(Step::new("account", account));
    }
    steps.extend(build::all(Flavour::Release));
    if options.dry_run {
        let dry = ["deploy", "--dry-run", "--outdir", "dist/deploy"];
        steps.push(Step::new("dry run of the upload", move || wrangler("upload").args(dry).stream()));
        progress::run(steps)?;
        println!("The release is built and wrangler accepts it: dist/deploy. Nothing was sent.");
        return Ok(true);
    }
    steps.push(Step::new("database", || options.write(Some(&database()?))));
    steps.push(Step::new("migrations", || {
        wrangler("migrations").args(["d1", "migrations", "apply", BINDING, "--remote"]).stream()
    }));
    steps.push(Step::new("secrets", secrets));
    steps.push(Step::new("upload", || wrangler("upload").arg("deploy").stream()));
    steps.push(Step::new("first owner", || first_owner(&token)));
    progress::run(steps)?;
    println!(
        "Deployed. `GET /health` there says whether everything is set.\n\n  console  {}\n\nUnless the deployment has an owner, \
         whoever opens this link first and signs in owns it. It is good once, for {} days.",
        claim::link(&options.origin()?, &token),
        claim::DAYS
    );
    Ok(true)
}

/// Makes the link good that is printed in the end.
fn first_owner(token: &str) -> Result<()> {
    let statements = claim::statements(token, claim::DAYS)?;
    wrangler("first owner")
        .args(["d1", "execute", BINDING, "--remote", "--yes", "--command", &statements])
        .quiet()
        .map(drop)
}

fn wrangler(what: &str) -> Job {
    Job::npm_bin(format!("wrangler, {what}"), "wrangler").args(["--config", SETTINGS])
}

fn account() -> Result<()> {
    let said = wrangler("account").arg("whoami").output()?;
    // wrangler ends well here even when nobody is logged in.
    if said.success() && !said.all.contains("not authenticated") {
        return Ok(());
    }
    bail!(
        "no Cloudflare account: set CLOUDFLARE_API_TOKEN (https://dash.cloudflare.com/profile/api-tokens, template \
         \"Edit Cloudflare Workers\" with D1 edit added), or run `node_modules/.bin/wrangler login`. \
         `cargo xtask deploy --dry-run` needs none.\n\n{}",
        said.all.trim_end()
    )
}

/// The id of the control plane's database, which is made when there is none of its name.
fn database() -> Result<String> {
    let text = fs::read_to_string(paths::at(SETTINGS))?;
    let name = settings::value(&text, "database_name").context("wrangler.toml names no database_name")?;
    if let Some(id) = find_database(name)? {
        return Ok(id);
    }
    wrangler("new database").args(["d1", "create", name]).stream()?;
    find_database(name)?
        .with_context(|| format!("`{name}` was made, but Cloudflare does not list it yet; deploy again"))
}

fn find_database(name: &str) -> Result<Option<String>> {
    let listed = wrangler("databases").args(["d1", "list", "--json"]).quiet()?.stdout;
    let listed: Vec<Value> = serde_json::from_str(&listed).context("wrangler d1 list wrote something else")?;
    let text = |one: &Value, key: &str| one.get(key).and_then(Value::as_str).map(str::to_owned);
    Ok(listed.iter().find(|one| text(one, "name").as_deref() == Some(name)).and_then(|one| text(one, "uuid")))
}

/// Fails with the commands that set what is missing. They work before the first upload too.
fn secrets() -> Result<()> {
    let missing = missing_secrets(&wrangler("secrets").args(["secret", "list", "--format", "json"]).output()?)?;
    if missing.is_empty() {
        return Ok(());
    }
    let commands: Vec<String> = missing
        .iter()
        .map(|(name, make)| format!("  {make} | node_modules/.bin/wrangler secret put {name} --config {SETTINGS}"))
        .collect();
    bail!("secrets are missing; set them and deploy again:\n{}", commands.join("\n"))
}

fn missing_secrets(listed: &Output) -> Result<Vec<(&'static str, &'static str)>> {
    // Before the first upload there is no Worker to ask.
    if !listed.success() && !listed.all.contains("not found") && !listed.all.contains("does not exist") {
        bail!("cannot list the secrets:\n{}", listed.all.trim_end());
    }
    Ok(SECRETS.into_iter().filter(|(name, _)| !listed.stdout.contains(&format!("\"{name}\""))).collect())
}
