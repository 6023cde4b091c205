//! A static server for the demo's shop: files of `demo/shop`, with the edge's addresses filled in.

use std::fs;
use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path};
use std::thread;
use std::time::Duration;

use crate::dev::Places;
use crate::paths;

const FOLDER: &str = "demo/shop";

/// What the pages are filled with.
#[derive(Clone)]
struct Filling {
    edge: String,
    inbox: String,
    company: String,
}

/// Serves in the background until the program ends.
pub fn serve(listener: TcpListener, places: &Places) {
    let filling = Filling { edge: places.edge.clone(), inbox: places.inbox.clone(), company: places.company.clone() };
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let filling = filling.clone();
            // A browser that closes early is nobody's fault.
            thread::spawn(move || drop(answer(stream, &filling)));
        }
    });
}

fn answer(stream: TcpStream, filling: &Filling) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    // The headers say nothing that matters here, but a browser wants them read.
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let (status, kind, body) = match page(&first, filling) {
        Some((kind, body)) => ("200 OK", kind, body),
        None => ("404 Not Found", "text/plain; charset=utf-8", b"no such page".to_vec()),
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n",
        body.len()
    )?;
    if !first.starts_with("HEAD ") {
        stream.write_all(&body)?;
    }
    stream.flush()
}

/// The page that the first line of a request asks for.
fn page(request: &str, filling: &Filling) -> Option<(&'static str, Vec<u8>)> {
    let mut words = request.split(' ');
    if !matches!(words.next(), Some("GET" | "HEAD")) {
        return None;
    }
    let path = words.next()?.split(['?', '#']).next()?.trim_start_matches('/');
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let bytes = fs::read(paths::at(FOLDER).join(path)).ok()?;
    let kind = kind(path.extension()?.to_str()?);
    if kind.starts_with("text/html") {
        let text = String::from_utf8(bytes).ok()?;
        let fill = [("{{edge}}", &filling.edge), ("{{inbox}}", &filling.inbox), ("{{company}}", &filling.company)];
        let text = fill.iter().fold(text, |text, (name, value)| text.replace(name, value));
        return Some((kind, text.into_bytes()));
    }
    Some((kind, bytes))
}

fn kind(ending: &str) -> &'static str {
    match ending {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{Filling, page};

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let filling = Filling { edge: String::new(), inbox: String::new(), company: String::new() };
        for path in ["/../../Cargo.toml", "/../seed.sql", "//etc/passwd", "/./..", "/missing.html"] {
            assert!(page(&format!("GET {path} HTTP/1.1"), &filling).is_none(), "{path}");
        }
        assert!(page("POST / HTTP/1.1", &filling).is_none());
    }
}
