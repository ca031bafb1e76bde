//! As much of HTTP as a probe needs.

use core::time::Duration;
use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpStream, ToSocketAddrs as _},
};

use crate::clock::Limit;

/// How many redirects are followed.
const REDIRECTS: usize = 10;
/// The longest head that is read.
const HEAD: u64 = 64 * 1024;

/// A request for what a path names.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
}

/// What a server said.
pub(crate) enum Response {
    /// A status code that is no redirect to follow.
    Status(u16),
    /// To ask another host.
    Elsewhere(String),
}

/// Opens a connection.
pub(crate) fn connect(host: &str, port: u16, limit: &Limit) -> io::Result<TcpStream> {
    let mut last = io::Error::other(format!("{host} has no address"));
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, limit.left()?) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl Request {
    /// Asks, and follows redirects on the same host.
    pub(crate) fn get(mut self, limit: Duration) -> io::Result<Response> {
        let limit = Limit::of(limit);
        for _ in 0..REDIRECTS {
            let (status, location) = self.ask(&limit)?;
            let Some(location) = location.filter(|_| matches!(status, 301..=303 | 307 | 308))
            else {
                return Ok(Response::Status(status));
            };
            if !self.redirect(&location) {
                return Ok(Response::Elsewhere(location));
            }
        }
        Err(io::Error::other(format!(
            "stopped after {REDIRECTS} redirects"
        )))
    }

    fn ask(&self, limit: &Limit) -> io::Result<(u16, Option<String>)> {
        let mut stream = connect(&self.host, self.port, limit)?;
        stream.set_write_timeout(Some(limit.left()?))?;
        stream.write_all(self.head()?.as_bytes())?;
        let mut lines = BufReader::new(stream.try_clone()?.take(HEAD));
        let mut line = || -> io::Result<String> {
            let mut line = String::new();
            stream.set_read_timeout(Some(limit.left()?))?;
            lines.read_line(&mut line)?;
            Ok(line.trim_end().to_owned())
        };
        let first = line()?;
        let status = first
            .strip_prefix("HTTP/")
            .and_then(|rest| rest.split(' ').nth(1)?.parse().ok())
            .ok_or_else(|| io::Error::other("the answer is not HTTP"))?;
        let mut location = None;
        loop {
            let header = line()?;
            let Some((name, value)) = header.split_once(':') else {
                return Ok((status, location));
            };
            if name.eq_ignore_ascii_case("location") {
                location = Some(value.trim().to_owned());
            }
        }
    }

    fn head(&self) -> io::Result<String> {
        let has = |name: &str| {
            let mut headers = self.headers.iter();
            headers.any(|(known, _)| known.eq_ignore_ascii_case(name))
        };
        let host = format!("{}:{}", self.host, self.port);
        let defaults = [
            ("Host", &*host),
            ("User-Agent", "kube-probe/1.36"),
            ("Accept", "*/*"),
        ];
        let mut head = format!("GET {} HTTP/1.1\r\n", self.path);
        for (name, value) in defaults.iter().filter(|(name, _)| !has(name)) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        for (name, value) in &self.headers {
            if value.contains(['\r', '\n']) {
                return Err(io::Error::other(format!("header {name} has several lines")));
            }
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("Connection: close\r\n\r\n");
        Ok(head)
    }

    /// Goes where a server points to; returns whether that is on the same host and can be asked.
    fn redirect(&mut self, location: &str) -> bool {
        if location.starts_with('/') && !location.starts_with("//") {
            location.clone_into(&mut self.path);
            return true;
        }
        let Some(rest) = location.strip_prefix("http://") else {
            return false;
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().unwrap_or(0)),
            None => (authority, 80),
        };
        let same = host == self.host;
        if same {
            self.port = port;
            self.path = if path.is_empty() { "/" } else { path }.to_owned();
        }
        same
    }
}
