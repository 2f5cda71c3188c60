//! Writes frames as pcapng, with times in nanoseconds, comments and drop counts.

use std::io::{self, Write};

use crate::frame::{Frame, LinkType};

use super::pcapng::codes::{self, fitting};

/// Writes one section of a pcapng file.
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: W,
    /// The block being put together.
    block: Vec<u8>,
    interfaces: u32,
}

/// The description of an interface.
#[derive(Clone, Copy, Debug)]
pub struct Interface<'a> {
    /// Its name, such as `eth0`.
    pub name: Option<&'a str>,
    /// Its link type.
    pub link: LinkType,
    /// Its snaplen; `None` if unlimited.
    pub snaplen: Option<u32>,
    /// Length of the frame check sequence at the end of its frames, in bytes.
    pub fcs_len: u8,
}

/// An interface's counts since the beginning of the capture.
#[derive(Clone, Copy, Debug, Default)]
pub struct Statistics {
    /// Packets that it received.
    pub received: Option<u64>,
    /// Packets dropped for lack of room.
    pub dropped: Option<u64>,
}

/// The resolution of times: 10^-9 seconds.
const NANOSECONDS: u8 = 9;

impl<W: Write> Writer<W> {
    /// Begins the section; `application` names the writer.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn new(out: W, application: &str, comment: Option<&str>) -> io::Result<Self> {
        let mut writer = Self { out, block: Vec::new(), interfaces: 0 };
        writer.begin(codes::SECTION_HEADER);
        writer.put(&codes::BYTE_ORDER.to_le_bytes());
        let (major, minor) = (1_u16, 0_u16);
        writer.put(&major.to_le_bytes());
        writer.put(&minor.to_le_bytes());
        // The length of the section is not known before its end.
        writer.put(&u64::MAX.to_le_bytes());
        writer.option(codes::section::APPLICATION, application.as_bytes());
        if let Some(comment) = comment {
            writer.option(codes::COMMENT, comment.as_bytes());
        }
        writer.end(true)?;
        Ok(writer)
    }

    /// Describes an interface, and returns its number for frames.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn interface(&mut self, interface: &Interface<'_>) -> io::Result<u32> {
        self.begin(codes::INTERFACE_DESCRIPTION);
        self.put(&interface.link.0.to_le_bytes());
        self.put(&[0; 2]);
        self.put(&interface.snaplen.unwrap_or(0).to_le_bytes());
        if let Some(name) = interface.name {
            self.option(codes::interface::NAME, name.as_bytes());
        }
        self.option(codes::interface::TIME_RESOLUTION, &[NANOSECONDS]);
        if interface.fcs_len > 0 {
            self.option(codes::interface::FCS_LENGTH, &[interface.fcs_len]);
        }
        self.end(true)?;
        let number = self.interfaces;
        self.interfaces += 1;
        Ok(number)
    }

    /// Writes a frame of an interface, given the number from [`Writer::interface`]. A time before 1970 becomes the
    /// beginning of 1970.
    ///
    /// # Errors
    ///
    /// When writing fails, or there is no such interface.
    pub fn frame(&mut self, interface: u32, frame: &Frame<'_>, comments: &[&str]) -> io::Result<()> {
        self.check(interface)?;
        let captured =
            u32::try_from(frame.data.len()).map_err(|_| invalid("a frame is too long for pcapng"))?;
        self.begin(codes::ENHANCED_PACKET);
        self.put(&interface.to_le_bytes());
        self.time(frame.time_ns);
        self.put(&captured.to_le_bytes());
        self.put(&frame.orig_len.to_le_bytes());
        self.put(frame.data);
        self.pad();
        for comment in comments {
            self.option(codes::COMMENT, comment.as_bytes());
        }
        self.end(!comments.is_empty())
    }

    /// Writes the counts of an interface at `time_ns`.
    ///
    /// # Errors
    ///
    /// When writing fails, or there is no such interface.
    pub fn statistics(&mut self, interface: u32, time_ns: i64, statistics: &Statistics) -> io::Result<()> {
        self.check(interface)?;
        self.begin(codes::INTERFACE_STATISTICS);
        self.put(&interface.to_le_bytes());
        self.time(time_ns);
        let counts = [
            (codes::statistics::RECEIVED, statistics.received),
            (codes::statistics::DROPPED, statistics.dropped),
        ];
        for (code, count) in counts {
            if let Some(count) = count {
                self.option(code, &count.to_le_bytes());
            }
        }
        self.end(true)
    }

    /// Flushes the output.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The sink.
    pub const fn get_ref(&self) -> &W {
        &self.out
    }

    /// Gives the sink back.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn check(&self, interface: u32) -> io::Result<()> {
        if interface < self.interfaces { Ok(()) } else { Err(invalid("the interface was not described")) }
    }

    fn begin(&mut self, kind: u32) {
        self.block.clear();
        self.put(&kind.to_le_bytes());
        // The length is filled in at the end.
        self.put(&[0; 4]);
    }

    fn put(&mut self, bytes: &[u8]) {
        self.block.extend_from_slice(bytes);
    }

    fn pad(&mut self) {
        self.block.resize(self.block.len().next_multiple_of(4), 0);
    }

    fn time(&mut self, time_ns: i64) {
        let ticks = u64::try_from(time_ns).unwrap_or(0);
        let (high, low) = ((ticks >> 32) as u32, ticks as u32);
        self.put(&high.to_le_bytes());
        self.put(&low.to_le_bytes());
    }

    /// An option; a text too long for its length field is cut between two characters.
    fn option(&mut self, code: u16, value: &[u8]) {
        let value = fitting(value);
        self.put(&code.to_le_bytes());
        self.put(&(value.len() as u16).to_le_bytes());
        self.put(value);
        self.pad();
    }

    fn end(&mut self, has_options: bool) -> io::Result<()> {
        if has_options {
            self.put(&[0; 4]);
        }
        let length =
            u32::try_from(self.block.len() + 4).map_err(|_| invalid("a block is too long for pcapng"))?;
        self.block[4..8].copy_from_slice(&length.to_le_bytes());
        self.put(&length.to_le_bytes());
        self.out.write_all(&self.block)
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}
