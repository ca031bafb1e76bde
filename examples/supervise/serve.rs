//! A server for manifests to try probes with: it answers 200 while a file is there, and 503 while it is not.

use core::{net::Ipv4Addr, time::Duration};
use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
};

use crate::log;

/// How long a client may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// Serves until it is killed.
pub(crate) fn serve(port: u16, file: Option<PathBuf>) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    log::print(&format!("listening on {}", listener.local_addr()?));
    for client in listener.incoming() {
        // Clients may go away as they like.
        let _ = client.and_then(|client| answer(client, file.as_deref()));
    }
    Ok(())
}

fn answer(mut client: TcpStream, file: Option<&Path>) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?;
    client.set_write_timeout(Some(PATIENCE))?;
    let mut request = BufReader::new((&client).take(8 * 1024));
    let mut line = String::new();
    while request.read_line(&mut line)? > 0 && !line.ends_with("\n\r\n") {}
    let status = if file.is_none_or(Path::exists) {
        "200 OK"
    } else {
        "503 Service Unavailable"
    };
    let head = "Content-Length: 0\r\nConnection: close\r\n\r\n";
    client.write_all(format!("HTTP/1.1 {status}\r\n{head}").as_bytes())
}
