//! The whole system on this machine: the edge, its inbox, a shop on another site that embeds it, the API of the
//! company whose shop it is, and what plays Google.

mod company;
mod database;
mod google;
mod secrets;
mod shop;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::build::{self, Flavour};
use crate::progress::{self, Step, seconds};
use crate::run::{Job, Running};
use crate::tools;

/// Where the edge listens unless told otherwise; the shop listens one port above, the company's API two, what
/// plays Google three.
pub const PORT: u16 = 8787;

/// Local databases and objects.
const STATE: &str = ".dev/state";
/// How long workerd may take to answer.
const PATIENCE: Duration = Duration::from_secs(90);

/// The addresses of one run. To a browser 127.0.0.1 and localhost are different sites, so the shop embeds the edge as
/// any customer's page does.
struct Places {
    port: u16,
    edge: String,
    inbox: String,
    shop: String,
    company: String,
    google: String,
}

impl Places {
    fn new(port: u16) -> Result<Self> {
        anyhow::ensure!(port < u16::MAX - 2, "--port wants a number below 65533");
        let edge = format!("http://localhost:{port}");
        Ok(Self {
            port,
            inbox: format!("{edge}/dev/inbox"),
            edge,
            shop: format!("http://127.0.0.1:{}", port + 1),
            company: format!("http://127.0.0.1:{}", port + 2),
            google: format!("http://127.0.0.1:{}", port + 3),
        })
    }
}

/// `cargo xtask dev`. Goes on until Ctrl-C.
pub fn run(port: u16) -> Result<bool> {
    let begun = Instant::now();
    let places = Places::new(port)?;
    let shop = listen(port)?;
    let mut steps = tools::missing()?;
    steps.extend(build::all(Flavour::Dev));
    steps.push(Step::maybe("secrets for this machine", secrets::make));
    steps.push(Step::maybe("local database", || database::prepare(&places)));
    progress::run(steps)?;

    // Listens before the edge does: an action may be the first thing that is tried.
    let mut company = company::start(&places)?;
    let mut google = google::start(&places)?;
    let mut edge = start(&places)?;
    shop::serve(shop, &places);
    company::wait(&mut company, &places)?;
    google::wait(&mut google, &places)?;
    wait(&mut edge, &places)?;
    google::hand_over_secret(&places)?;
    let Places { edge: address, inbox, shop, company: api, .. } = &places;
    let claim = database::claim(&places)?;
    println!(
        "\nReady after {}.\n\n  shop     {shop}\n  inbox    {inbox}\n  company  {api} (its API; codes by phone: {api}/phone-codes)\n  \
         edge     {address}\n  console  {address}/console (the first time by {claim})\n\n\
         Open the shop, open its chat and ask \"Where is my order?\". Give an address that the shop knows (it says which),\n\
         take the code from the inbox, and the answer comes with the orders of that person.\n\
         Or use the company's own log-in on the card, user name {} and password {}, and ask\n\
         \"Track order NW-1044\" or \"Change the delivery address of NW-1044 to 9 Lake Street, Boulder, CO 80301\".\n\
         The model is the built-in rehearsal model unless a key is set. Ctrl-C ends everything.\n",
        seconds(begun.elapsed()),
        company::USER_NAME,
        company::PASSWORD,
    );
    loop {
        if let Some(status) = company.ended()? {
            crate::stop::wait_if_ending();
            bail!("the company's API ended by itself ({status}); what it said stands above");
        }
        if let Some(status) = google.ended()? {
            crate::stop::wait_if_ending();
            bail!("what plays Google ended by itself ({status}); what it said stands above");
        }
        if let Some(status) = edge.ended()? {
            crate::stop::wait_if_ending();
            bail!("wrangler ended by itself ({status}); what it said stands above");
        }
        sleep(Duration::from_millis(200));
    }
}

/// Takes the shop's port and makes sure that the edge's, the company's and Google's are free, before anything is built.
fn listen(port: u16) -> Result<TcpListener> {
    let taken = |port: u16| {
        format!(
            "port {port} is taken on this machine: end what listens there, or choose others with `cargo xtask dev --port N`"
        )
    };
    for (host, port) in [("127.0.0.1", port), ("::1", port), ("127.0.0.1", port + 2), ("127.0.0.1", port + 3)] {
        // A machine without IPv6 has no `::1`: only a port that is in use counts.
        if matches!(TcpListener::bind((host, port)), Err(error) if error.kind() == std::io::ErrorKind::AddrInUse) {
            bail!(taken(port));
        }
    }
    TcpListener::bind(("127.0.0.1", port + 1)).with_context(|| taken(port + 1))
}

fn start(places: &Places) -> Result<Running> {
    Job::npm_bin("wrangler dev", "wrangler")
        .args(["dev", "--env", "dev", "--port", &places.port.to_string(), "--persist-to", STATE])
        .args([
            "--var",
            &format!("PUBLIC_ORIGIN:{}", places.edge),
            "--var",
            &format!("GOOGLE_ISSUER:{}", places.google),
        ])
        .args(["--show-interactive-dev-session=false"])
        .spawn()
}

/// Waits until the edge answers that it is well.
fn wait(edge: &mut Running, places: &Places) -> Result<()> {
    let begun = Instant::now();
    let mut spoken = Instant::now();
    loop {
        if let Some(status) = edge.ended()? {
            crate::stop::wait_if_ending();
            bail!("wrangler ended before the edge answered ({status}); what it said stands above");
        }
        match health("localhost", places.port) {
            Some(200) => return Ok(()),
            Some(status) if begun.elapsed() > Duration::from_secs(10) => {
                bail!("{}/health answers {status}; the log above says why", places.edge)
            }
            _ if begun.elapsed() > PATIENCE => bail!("the edge does not answer after {}", seconds(PATIENCE)),
            _ => {}
        }
        if spoken.elapsed() > Duration::from_secs(10) {
            eprintln!("      … waiting for {}/health, {}", places.edge, seconds(begun.elapsed()));
            spoken = Instant::now();
        }
        sleep(Duration::from_millis(200));
    }
}

/// The status of `GET /health`, if anything answers.
fn health(host: &str, port: u16) -> Option<u16> {
    let mut stream = TcpStream::connect((host, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET /health HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n").ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    line.split(' ').nth(1)?.parse().ok()
}
