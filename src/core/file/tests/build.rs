//! Builders of captures.

use super::super::bytes::Order;

/// Numbers in a byte order, one after the other.
pub struct Bytes {
    pub order: Order,
    pub bytes: Vec<u8>,
}

impl Bytes {
    pub const fn new(order: Order) -> Self {
        Self { order, bytes: Vec::new() }
    }

    pub fn u16(mut self, value: u16) -> Self {
        self.bytes.extend(match self.order {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        });
        self
    }

    pub fn u32(mut self, value: u32) -> Self {
        self.bytes.extend(match self.order {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        });
        self
    }

    pub fn u64(mut self, value: u64) -> Self {
        self.bytes.extend(match self.order {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        });
        self
    }

    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub fn pad(mut self) -> Self {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self
    }
}

/// A pcap file in the making.
pub struct Pcap {
    pub order: Order,
    pub magic: u32,
    pub version: (u16, u16),
    pub snaplen: u32,
    pub link: u32,
    /// Bytes between the usual header and the first record.
    pub after_header: usize,
    /// Bytes between the usual record header and the data.
    pub after_record: usize,
}

pub const MICROSECONDS: u32 = 0xa1b2_c3d4;
pub const NANOSECONDS: u32 = 0xa1b2_3c4d;
pub const MODIFIED: u32 = 0xa1b2_cd34;

impl Default for Pcap {
    fn default() -> Self {
        Self {
            order: Order::Little,
            magic: MICROSECONDS,
            version: (2, 4),
            snaplen: 65_535,
            link: 1,
            after_header: 0,
            after_record: 0,
        }
    }
}

/// Seconds, sub-second part, first length, second length, data.
pub type Record<'a> = (u32, u32, u32, u32, &'a [u8]);

impl Pcap {
    pub fn file(&self, records: &[Record<'_>]) -> Vec<u8> {
        let mut file = Bytes::new(self.order)
            .u32(self.magic)
            .u16(self.version.0)
            .u16(self.version.1)
            .u64(0)
            .u32(self.snaplen)
            .u32(self.link)
            .raw(&vec![0; self.after_header]);
        for &(seconds, ticks, first, second, data) in records {
            file = file.u32(seconds).u32(ticks).u32(first).u32(second);
            file = file.raw(&vec![0; self.after_record]).raw(data);
        }
        file.bytes
    }
}

/// Three frames, one of them snapped, one empty.
pub const SAMPLE: [Record<'static>; 3] = [
    (1_700_000_000, 1, 4, 4, b"abcd"),
    (1_700_000_000, 999_999, 3, 60, b"xyz"),
    (1_700_000_002, 0, 0, 5, b""),
];

pub fn sample_pcap() -> Vec<u8> {
    Pcap::default().file(&SAMPLE)
}

/// Blocks of pcapng.
#[derive(Clone, Copy)]
pub struct Blocks(pub Order);

impl Blocks {
    pub fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let length = (body.len().next_multiple_of(4) + 12) as u32;
        Bytes::new(self.0).u32(kind).u32(length).raw(body).pad().u32(length).bytes
    }

    pub fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        Bytes::new(self.0).u16(code).u16(value.len() as u16).raw(value).pad().bytes
    }

    pub fn section(self, options: &[u8]) -> Vec<u8> {
        let body = Bytes::new(self.0).u32(0x1a2b_3c4d).u16(1).u16(0).u64(u64::MAX).raw(options);
        self.block(0x0a0d_0d0a, &body.bytes)
    }

    pub fn interface(self, link: u16, snaplen: u32, options: &[u8]) -> Vec<u8> {
        self.block(1, &Bytes::new(self.0).u16(link).u16(0).u32(snaplen).raw(options).bytes)
    }

    pub fn enhanced(self, interface: u32, ticks: u64, original: u32, data: &[u8], options: &[u8]) -> Vec<u8> {
        let body = Bytes::new(self.0).u32(interface).u32((ticks >> 32) as u32).u32(ticks as u32);
        let body = body.u32(data.len() as u32).u32(original).raw(data).pad().raw(options);
        self.block(6, &body.bytes)
    }

    pub fn obsolete(self, interface: u16, lost: u16, ticks: u64, original: u32, data: &[u8]) -> Vec<u8> {
        let body = Bytes::new(self.0).u16(interface).u16(lost).u32((ticks >> 32) as u32).u32(ticks as u32);
        self.block(2, &body.u32(data.len() as u32).u32(original).raw(data).bytes)
    }

    pub fn simple(self, original: u32, data: &[u8]) -> Vec<u8> {
        self.block(3, &Bytes::new(self.0).u32(original).raw(data).bytes)
    }

    pub fn statistics(self, interface: u32, options: &[u8]) -> Vec<u8> {
        self.block(5, &Bytes::new(self.0).u32(interface).u64(0).raw(options).bytes)
    }

    pub fn number(self, code: u16, value: u64) -> Vec<u8> {
        self.option(code, &Bytes::new(self.0).u64(value).bytes)
    }
}

/// Two interfaces, every kind of packet block, statistics, comments, and a block of unknown type.
pub fn sample_pcapng(order: Order) -> Vec<u8> {
    let b = Blocks(order);
    let nanoseconds = b.option(9, &[9]);
    [
        b.section(&b.option(1, b"a capture")),
        b.interface(1, 0, &[]),
        b.interface(101, 96, &[b.option(2, b"tun0"), nanoseconds, b.option(1, b"a tunnel")].concat()),
        b.enhanced(0, 1_700_000_000_000_001, 4, b"abcd", &[]),
        b.block(0x0bad_cafe, b"whatever"),
        b.enhanced(1, 1_700_000_000_000_002_000, 60, b"xyz", &[b.option(1, b"odd"), b.number(4, 7)].concat()),
        b.simple(2, b"hi"),
        b.obsolete(0, 3, 1_700_000_000_000_003, 5, b"older"),
        b.statistics(0, &[b.number(4, 1000), b.number(5, 20)].concat()),
    ]
    .concat()
}
