//! From what the system, TLS, HTTP and the WebSocket report to the codes that the app is told.

use std::io::{self, ErrorKind};

use protocol::frame::close;
use protocol::{Error, codes};
use rustls::{AlertDescription, CertificateError, PeerIncompatible};
use tim_core::Why;
use tungstenite::error::ProtocolError;
use tungstenite::protocol::CloseFrame;

use super::tls::PinMismatch;

/// An error of a socket or of the TLS session on it.
pub(super) fn of_io(error: &io::Error) -> Error {
    if let Some(tls) = error
        .get_ref()
        .and_then(|e| e.downcast_ref::<rustls::Error>())
    {
        return of_tls(tls);
    }
    let code = match error.kind() {
        ErrorKind::ConnectionRefused => codes::SDK_NET_CONN_REFUSE,
        ErrorKind::NetworkUnreachable
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable
        | ErrorKind::Unsupported
        | ErrorKind::PermissionDenied => codes::SDK_NET_NET_UNREACH,
        ErrorKind::TimedOut => codes::SDK_NET_CONN_TIMEOUT,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            codes::SDK_NET_RESET_BY_PEER
        }
        ErrorKind::UnexpectedEof | ErrorKind::NotConnected => codes::SDK_NET_DISCONNECT,
        ErrorKind::OutOfMemory => codes::SDK_NET_SOCKET_NO_BUFF,
        _ => codes::SDK_NET_SOCKET_INVALID,
    };
    let text = codes::text(code).unwrap_or_default();
    Error::new(code, format!("{text} ({error})"))
}

/// An error of a socket to a proxy: that nobody listens there says nothing about the server.
pub(super) fn of_proxy(error: &io::Error) -> Error {
    if error.kind() != ErrorKind::ConnectionRefused {
        return of_io(error);
    }
    let text = codes::text(codes::PROXY_UNREACHABLE).unwrap_or_default();
    Error::new(codes::PROXY_UNREACHABLE, format!("{text} ({error})"))
}

fn of_tls(error: &rustls::Error) -> Error {
    use rustls::Error as Tls;
    let code = match error {
        Tls::InvalidCertificate(cause) => of_certificate(cause),
        // The first bytes of the answer are no TLS record.
        Tls::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => codes::TLS_NOT_TLS,
        Tls::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13)
        | Tls::AlertReceived(AlertDescription::ProtocolVersion) => codes::TLS_TOO_OLD,
        _ => codes::TLS_FAILED,
    };
    let text = codes::text(code).unwrap_or_default();
    Error::new(code, format!("{text} ({error})"))
}

fn of_certificate(cause: &CertificateError) -> i32 {
    match cause {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            codes::TLS_HOST_MISMATCH
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            codes::TLS_CERT_EXPIRED
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            codes::TLS_CERT_NOT_YET_VALID
        }
        // A bad signature in a chain is an authority of the right name with another key: the CA
        // file is older than the server's authority.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            codes::TLS_UNKNOWN_ISSUER
        }
        CertificateError::Other(other) if other.0.is::<PinMismatch>() => codes::TLS_PIN_MISMATCH,
        _ => codes::TLS_FAILED,
    }
}

/// An error of an open WebSocket.
pub(super) fn of_websocket(error: &tungstenite::Error) -> Error {
    use tungstenite::Error as Ws;
    match error {
        Ws::Io(error) => of_io(error),
        Ws::ConnectionClosed
        | Ws::AlreadyClosed
        | Ws::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            Error::of(codes::SDK_NET_DISCONNECT)
        }
        Ws::WriteBufferFull(_) => Error::new(
            codes::SDK_NET_DISCONNECT,
            "the server reads too slowly; the connection was given up",
        ),
        _ => Error::new(
            codes::PROTOCOL,
            format!("the server broke the protocol: {error}"),
        ),
    }
}

/// The server closed the WebSocket.
pub(super) fn of_close(frame: Option<&CloseFrame>) -> Why {
    let Some(frame) = frame else {
        return Why::new(Error::of(codes::SDK_NET_DISCONNECT));
    };
    let number = u16::from(frame.code);
    let code = match number {
        close::GOING_AWAY => codes::SERVER_SHUTDOWN,
        close::BUSY => codes::SERVER_BUSY,
        close::VERSION => codes::VERSION_REFUSED,
        close::PROTOCOL | close::TOO_BIG => codes::PROTOCOL,
        _ => codes::SDK_NET_DISCONNECT,
    };
    let text = codes::text(code).unwrap_or_default();
    let error = match frame.reason.as_str() {
        "" => Error::new(code, format!("{text} (close code {number})")),
        reason => Error::new(code, format!("{text} (close code {number}: {reason})")),
    };
    Why {
        error,
        close_code: Some(number),
        retry_after_ms: retry_after(&frame.reason),
    }
}

/// An HTTP answer that is not the upgrade. Gateways answer for servers that are down or full.
pub(super) fn of_http_status(status: u16, retry_after: Option<&str>) -> Why {
    let code = match status {
        429 | 502 | 503 | 504 => codes::SERVER_BUSY,
        _ => codes::NOT_A_TIM_SERVER,
    };
    let text = codes::text(code).unwrap_or_default();
    let seconds = retry_after.and_then(|text| text.trim().parse::<u64>().ok());
    Why {
        error: Error::new(code, format!("{text} (HTTP status {status})")),
        close_code: None,
        retry_after_ms: seconds.map(|s| s.saturating_mul(1000)),
    }
}

/// `retry_after_ms=…` somewhere in the reason of a close.
fn retry_after(reason: &str) -> Option<u64> {
    let (_, value) = reason.split_once("retry_after_ms=")?;
    let digits = value.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn sockets_errors_have_codes() {
        for (kind, code) in [
            (ErrorKind::ConnectionRefused, 9511),
            (ErrorKind::NetworkUnreachable, 9512),
            (ErrorKind::HostUnreachable, 9512),
            (ErrorKind::TimedOut, 9510),
            (ErrorKind::ConnectionReset, 9514),
            (ErrorKind::BrokenPipe, 9514),
            (ErrorKind::UnexpectedEof, 9508),
            (ErrorKind::Other, 9515),
        ] {
            assert_eq!(of_io(&io::Error::from(kind)).code, code, "{kind:?}");
        }
    }

    #[test]
    fn tls_errors_have_codes() {
        let certificate = |cause| {
            let error = rustls::Error::InvalidCertificate(cause);
            of_io(&io::Error::new(ErrorKind::InvalidData, error)).code
        };
        let other = rustls::OtherError(Arc::new(PinMismatch));
        assert_eq!(certificate(CertificateError::NotValidForName), 5010);
        assert_eq!(certificate(CertificateError::Expired), 5011);
        assert_eq!(certificate(CertificateError::NotValidYet), 5016);
        assert_eq!(certificate(CertificateError::UnknownIssuer), 5012);
        assert_eq!(certificate(CertificateError::Other(other)), 5013);
        assert_eq!(certificate(CertificateError::BadSignature), 5012);
        assert_eq!(certificate(CertificateError::Revoked), 5015);
        let handshake = rustls::Error::General("x".into());
        let error = io::Error::new(ErrorKind::InvalidData, handshake);
        assert_eq!(of_io(&error).code, 5015);
    }

    #[test]
    fn closes_carry_code_and_delay() {
        let frame = |code: u16, reason: &'static str| CloseFrame {
            code: code.into(),
            reason: reason.into(),
        };
        let why = of_close(Some(&frame(1001, "stopping; retry_after_ms=2500;")));
        assert_eq!(why.error.code, codes::SERVER_SHUTDOWN);
        assert_eq!(
            (why.close_code, why.retry_after_ms),
            (Some(1001), Some(2500))
        );
        let why = of_close(Some(&frame(4007, "")));
        assert_eq!((why.error.code, why.retry_after_ms), (5020, None));
        let why = of_close(Some(&frame(4001, "retry_after_ms=x")));
        assert_eq!((why.error.code, why.close_code), (9508, Some(4001)));
        assert_eq!(why.retry_after_ms, None);
        assert_eq!(of_close(None).error.code, 9508);
    }

    #[test]
    fn http_answers_are_told_apart() {
        assert_eq!(of_http_status(404, None).error.code, 5021);
        assert_eq!(of_http_status(200, None).error.code, 5021);
        let busy = of_http_status(503, Some(" 3 "));
        assert_eq!((busy.error.code, busy.retry_after_ms), (5024, Some(3000)));
    }
}
