//! One command to Cloudflare.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::build::{self, Flavour, RELEASE};
use crate::progress::{self, Step};
use crate::run::{Job, Output};
use crate::{paths, tools};

/// Binding of the control plane's database in wrangler.toml.
const BINDING: &str = "DB";

/// Secrets without which a release refuses to answer, and how to make one.
const SECRETS: [(&str, &str); 3] = [
    ("COUNTERSIGN_MASTER_KEY", "openssl rand -base64 32"),
    ("COUNTERSIGN_SIGNING_KEYS", "echo \"k1:$(openssl rand -base64 32)\""),
    ("RESEND_API_KEY", "echo \"re_…\" (from resend.com)"),
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

    fn variables(&self) -> Vec<String> {
        let given = [("PUBLIC_ORIGIN", &self.origin), ("MAIL_FROM", &self.mail_from)];
        given.iter().filter_map(|(name, value)| value.as_ref().map(|value| format!("--var={name}:{value}"))).collect()
    }
}

/// `cargo xtask deploy`.
pub fn run(options: &Options) -> Result<bool> {
    let mut steps = tools::missing()?;
    if !options.dry_run {
        steps.push(Step::new("account", account));
    }
    steps.extend(build::all(Flavour::Release));
    if options.dry_run {
        steps.push(Step::new("dry run of the upload", || upload(options, &["--dry-run", "--outdir", "dist/deploy"])));
        progress::run(steps)?;
        println!("The release is built and wrangler accepts it: dist/deploy. Nothing was sent.");
        return Ok(true);
    }
    steps.push(Step::new("database", database));
    steps.push(Step::new("migrations", || {
        wrangler("migrations").args(["d1", "migrations", "apply", BINDING, "--remote"]).args(TOP).stream()
    }));
    steps.push(Step::new("secrets", secrets));
    steps.push(Step::new("upload", || upload(options, &[])));
    progress::run(steps)?;
    println!("Deployed. `GET /health` on the address above says whether everything is set.");
    Ok(true)
}

/// The top-level environment of wrangler.toml, said outright: the other is for development.
const TOP: [&str; 1] = ["--env="];

fn wrangler(what: &str) -> Job {
    Job::npm_bin(format!("wrangler, {what}"), "wrangler")
}

fn account() -> Result<()> {
    let said = wrangler("account").arg("whoami").output()?;
    // wrangler ends well here even when nobody is logged in.
    if said.success() && !said.all.contains("not authenticated") {
        return Ok(());
    }
    bail!(
        "no Cloudflare account: set CLOUDFLARE_API_TOKEN to a token with Workers Scripts, D1 and Account Settings \
         (https://dash.cloudflare.com/profile/api-tokens, template \"Edit Cloudflare Workers\" and D1 edit), or run \
         `node_modules/.bin/wrangler login`. `cargo xtask deploy --dry-run` needs none.\n{}",
        said.all.trim_end()
    )
}

fn database() -> Result<()> {
    let settings = fs::read_to_string(paths::at("wrangler.toml")).context("cannot read wrangler.toml")?;
    // The top level comes first in the file; the environment for development has a database of its own.
    let name = settings.lines().find_map(|line| {
        let value = line.trim().strip_prefix("database_name")?.trim_start().strip_prefix('=')?;
        value.split('"').nth(1)
    });
    let name = name.context("wrangler.toml names no database_name")?;
    let listed = wrangler("databases").args(["d1", "list", "--json"]).quiet()?.stdout;
    let listed: Vec<serde_json::Value> = serde_json::from_str(&listed)?;
    if listed.iter().any(|one| one.get("name").and_then(|name| name.as_str()) == Some(name)) {
        return Ok(());
    }
    wrangler("new database").args(["d1", "create", name]).stream()
}

/// Fails with the commands that set what is missing. They work before the first upload too.
fn secrets() -> Result<()> {
    let listed = wrangler("secrets").args(["secret", "list", "--format", "json"]).args(TOP).output()?;
    let missing = missing_secrets(&listed)?;
    if missing.is_empty() {
        return Ok(());
    }
    let commands: Vec<String> = missing
        .iter()
        .map(|(name, make)| format!("  {make} | node_modules/.bin/wrangler secret put {name} --env=\"\""))
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

fn upload(options: &Options, more: &[&str]) -> Result<()> {
    wrangler("upload")
        .arg("deploy")
        .arg(format!("{RELEASE}/index.js"))
        .args(TOP)
        .arg("--keep-vars")
        .args(options.variables())
        .args(more)
        .stream()
}
