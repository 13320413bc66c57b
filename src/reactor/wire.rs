//! The bytes of one connection: a nonblocking socket, with TLS on it or without.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;

use mio::event::Event;
use mio::net::TcpStream;
use rustls::ClientConnection;

use super::stats::Counters;

/// Bytes taken from the socket by one system call. The buffer belongs to the thread, not to the
/// connection: it is lent out only while something in it is not decrypted yet.
const CHUNK: usize = 32 * 1024;

/// Encrypted bytes that may wait for the socket; beyond, frames wait in the WebSocket's buffer.
const TLS_BUFFER: usize = 256 * 1024;

thread_local! {
    static SPARE: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
}

/// One connection's bytes, as [`Read`] and [`Write`] see them.
#[derive(Debug)]
pub(super) struct Wire {
    socket: Socket,
    tls: Option<Box<Tls>>,
}

#[derive(Debug)]
struct Tls {
    session: ClientConnection,
    chunk: Option<Chunk>,
}

/// Bytes read from the socket and not given to TLS yet.
#[derive(Debug)]
struct Chunk {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Wire {
    pub(super) fn new(
        tcp: TcpStream,
        tls: Option<ClientConnection>,
        counters: Arc<Counters>,
    ) -> Self {
        let tls = tls.map(|mut session| {
            session.set_buffer_limit(Some(TLS_BUFFER));
            Box::new(Tls {
                session,
                chunk: None,
            })
        });
        let socket = Socket {
            tcp,
            counters,
            is_drained: false,
            reads_on: true,
        };
        Self { socket, tls }
    }

    /// Takes note of what the poll reported.
    pub(super) fn on_event(&mut self, event: &Event) {
        self.socket.is_drained &= !may_read(event);
        self.socket.reads_on |= event.is_read_closed() || event.is_error();
    }

    /// Says that nothing more will be written. True when all of it, and what was queued before,
    /// is with the system.
    pub(super) fn finish_writing(&mut self) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.session.send_close_notify();
        }
        self.flush()?;
        self.socket.tcp.shutdown(Shutdown::Write)
    }

    /// Reads what is there and throws it away. True when the peer has closed too.
    pub(super) fn discard(&mut self, chunks: usize) -> bool {
        let mut bin = [0; 4096];
        for _ in 0..chunks {
            match self.socket.read(&mut bin) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(e) => return e.kind() != ErrorKind::WouldBlock,
            }
        }
        false
    }
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => tls.read(&mut self.socket, buf),
            None => self.socket.read(buf),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            return self.socket.write(buf);
        };
        match tls.session.writer().write(buf)? {
            0 if !buf.is_empty() => {}
            taken => return Ok(taken),
        }
        tls.flush(&mut self.socket)?;
        match tls.session.writer().write(buf)? {
            // The handshake is not finished: only the peer can make room.
            0 => Err(ErrorKind::WouldBlock.into()),
            taken => Ok(taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => tls.flush(&mut self.socket),
            None => Ok(()),
        }
    }
}

impl Tls {
    fn read(&mut self, socket: &mut Socket, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.session.reader().read(buf) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                // Also the end, clean or not.
                result => return result,
            }
            self.take_ciphertext(socket)?;
            if let Err(error) = self.session.process_new_packets() {
                // The alert tells the server what we did not like.
                let _ = self.flush(socket);
                return Err(io::Error::new(ErrorKind::InvalidData, error));
            }
            match self.flush(socket) {
                Err(e) if e.kind() != ErrorKind::WouldBlock => return Err(e),
                _ => {}
            }
        }
    }

    /// Gives some bytes of the socket to the session, from the chunk at hand or a new one.
    fn take_ciphertext(&mut self, socket: &mut Socket) -> io::Result<()> {
        let mut chunk = match self.chunk.take() {
            Some(chunk) => chunk,
            None => Chunk::read(socket)?,
        };
        let mut rest = &chunk.bytes[chunk.start..chunk.end];
        let taken = self.session.read_tls(&mut rest)?;
        chunk.start += taken;
        if chunk.start < chunk.end && taken > 0 {
            self.chunk = Some(chunk);
        } else {
            SPARE.set(Some(chunk.bytes));
        }
        Ok(())
    }

    fn flush(&mut self, socket: &mut Socket) -> io::Result<()> {
        while self.session.wants_write() {
            if self.session.write_tls(socket)? == 0 {
                return Err(ErrorKind::ConnectionReset.into());
            }
        }
        Ok(())
    }
}

impl Chunk {
    fn read(socket: &mut Socket) -> io::Result<Self> {
        let spare = SPARE.take();
        let mut bytes = spare.unwrap_or_else(|| vec![0; CHUNK].into_boxed_slice());
        match socket.read(&mut bytes) {
            Ok(end) => Ok(Self {
                bytes,
                start: 0,
                end,
            }),
            Err(e) => {
                SPARE.set(Some(bytes));
                Err(e)
            }
        }
    }
}

#[derive(Debug)]
struct Socket {
    tcp: TcpStream,
    counters: Arc<Counters>,
    /// Nothing to read until the poll says so.
    is_drained: bool,
    /// The peer may have closed already: reading goes on until it would block or ends.
    reads_on: bool,
}

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.is_drained {
            return Err(ErrorKind::WouldBlock.into());
        }
        let result = again(|| self.tcp.read(buf));
        match &result {
            Ok(count) => {
                self.counters.bytes_in.add(*count);
                // With edges of epoll a short read means that the socket is empty and that the
                // next byte makes a new edge: the read that would only say so is saved. An end
                // that was there already makes none.
                self.is_drained = cfg!(target_os = "linux") && *count < buf.len() && !self.reads_on;
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                self.is_drained = true;
                self.reads_on = false;
            }
            Err(_) => {}
        }
        result
    }
}

impl Write for Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let count = again(|| self.tcp.write(buf))?;
        self.counters.bytes_out.add(count);
        Ok(count)
    }

    fn write_vectored(&mut self, bufs: &[io::IoSlice<'_>]) -> io::Result<usize> {
        let count = again(|| self.tcp.write_vectored(bufs))?;
        self.counters.bytes_out.add(count);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether there may be something to read. On Windows a read that finds nothing has the poll report
/// once more that the socket can be written to: to read then would go round for ever.
pub(super) fn may_read(event: &Event) -> bool {
    event.is_readable() || event.is_read_closed() || event.is_error()
}

/// Goes on after a signal: the host may use signals for its own purposes.
pub(super) fn again<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
