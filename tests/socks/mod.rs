//! A small SOCKS5 proxy for tests, with manners. All that it is asked for leads to this machine.

use std::io::{Read, Result, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// What a proxy does.
#[derive(Clone, Default)]
pub struct Manner {
    /// Wants this name and password.
    pub login: Option<(&'static str, &'static str)>,
    /// Answers with this instead of connecting.
    pub refuses: Option<u8>,
    /// Tells an address of so many bytes: 4, 16, or else a name.
    pub bound: usize,
    /// Connects to this port, whichever is asked for.
    pub leads_to: Option<u16>,
}

/// A running proxy.
pub struct Proxy {
    port: u16,
    asked: Receiver<String>,
}

impl Proxy {
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, asked) = channel();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (manner, tell) = (manner.clone(), tell.clone());
                // A client that goes away ends it.
                thread::spawn(move || drop(serve(client, &manner, &tell)));
            }
        });
        Self { port, asked }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next host that it was asked for.
    pub fn asked(&self) -> String {
        self.asked.recv_timeout(Duration::from_secs(20)).unwrap()
    }
}

fn serve(mut client: TcpStream, manner: &Manner, tell: &Sender<String>) -> Result<()> {
    let methods = read_text(&mut client, &[5])?;
    let method = if manner.login.is_some() { 2 } else { 0 };
    if !methods.contains(&method) {
        return client.write_all(&[5, 0xff]);
    }
    slowly(&mut client, &[5, method])?;
    if let Some((name, password)) = manner.login {
        let is_right = read_text(&mut client, &[1])? == name.as_bytes()
            && read_text(&mut client, &[])? == password.as_bytes();
        slowly(&mut client, &[1, u8::from(!is_right)])?;
        if !is_right {
            return Ok(());
        }
    }
    let mut head = [0; 4];
    client.read_exact(&mut head)?;
    assert_eq!(head[..3], [5, 1, 0]);
    let host = match head[3] {
        1 => {
            let mut ip = [0; 4];
            client.read_exact(&mut ip)?;
            Ipv4Addr::from(ip).to_string()
        }
        3 => String::from_utf8(read_text(&mut client, &[])?).unwrap(),
        4 => {
            let mut ip = [0; 16];
            client.read_exact(&mut ip)?;
            Ipv6Addr::from(ip).to_string()
        }
        kind => panic!("an address of kind {kind}"),
    };
    let mut port = [0; 2];
    client.read_exact(&mut port)?;
    let port = manner.leads_to.unwrap_or(u16::from_be_bytes(port));
    let _ = tell.send(host);
    if let Some(reply) = manner.refuses {
        // Some proxies send no more than this.
        return client.write_all(&[5, reply]);
    }
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let bound = match manner.bound {
        4 => [vec![1], vec![9; 4]].concat(),
        16 => [vec![4], vec![9; 16]].concat(),
        length => [vec![3, length as u8], vec![b'x'; length]].concat(),
    };
    slowly(&mut client, &[vec![5, 0, 0], bound, vec![0, 0]].concat())?;
    let (mut from, mut to) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || pass(&mut from, &mut to));
    pass(&mut client, &mut server);
    Ok(())
}

/// The bytes behind a length, which stands behind `head`.
fn read_text(stream: &mut TcpStream, head: &[u8]) -> Result<Vec<u8>> {
    let mut start = vec![0; head.len() + 1];
    stream.read_exact(&mut start)?;
    assert_eq!(&start[..head.len()], head);
    let mut text = vec![0; usize::from(start[head.len()])];
    stream.read_exact(&mut text)?;
    Ok(text)
}

/// In pieces, so that no answer arrives as a whole.
fn slowly(stream: &mut TcpStream, bytes: &[u8]) -> Result<()> {
    stream.set_nodelay(true)?;
    bytes
        .iter()
        .try_for_each(|byte| stream.write_all(std::slice::from_ref(byte)))
}

fn pass(from: &mut TcpStream, to: &mut TcpStream) {
    let _ = std::io::copy(from, to);
    let _ = to.shutdown(Shutdown::Both);
}
