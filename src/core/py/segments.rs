//! Packets dissected in Python: tuples of plain numbers and addresses in text.

use crate::segment::{Decoded, Summed};
use crate::wire::Decoder;
use crate::wire::dissected::{self, Packet, Tcp};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use std::net::IpAddr;

/// Reads one row: the kind, the time in Unix ns, the frame's number, and what belongs to the kind.
///
/// ```text
/// tcp    tunnels, source, destination, ttl, ip id or None, labelled, ports, seq, ack, flags, window, payload, checksum,
///        options, length of options, the state of the checksum: "right", "wrong" or "unknown";
///        or "disputed", where fragments overlap and differ
/// udp    tunnels, source, destination, ports, payload
/// icmp   tunnels, quoted source, quoted destination, reporter, (type, code), quoted ports, quoted seq
/// other  name
/// ```
pub fn read(decoder: &mut Decoder, row: &Bound<'_, PyTuple>) -> PyResult<(i64, u64, Decoded)> {
    let fields = Fields(row);
    let kind: String = fields.get(0)?;
    let (time_ns, frame) = (fields.get(1)?, fields.get(2)?);
    if kind == "other" {
        return Ok((time_ns, frame, dissected::other(&fields.get::<String>(3)?)));
    }
    let tunnels: Vec<(String, u32)> = fields.get(3)?;
    let (source, destination) = (fields.address(4)?, fields.address(5)?);
    let scope = decoder.scope_of(&tunnels, source.is_ipv6());
    let packet = Packet { time_ns, frame, scope, source, destination };
    let decoded = match kind.as_str() {
        "tcp" => {
            let options: Bound<'_, PyBytes> = fields.get(16)?;
            packet.segment(&Tcp {
                ttl: fields.get(6)?,
                ip_id: fields.get(7)?,
                labelled: fields.get(8)?,
                ports: fields.get(9)?,
                seq: fields.get(10)?,
                ack: fields.get(11)?,
                flags: fields.get(12)?,
                window: fields.get(13)?,
                payload: fields.get(14)?,
                checksum: fields.get(15)?,
                urgent: 0,
                options: options.as_bytes(),
                options_length: fields.get(17)?,
                summed: summed(&fields.get::<String>(18)?)?,
            })
        }
        "udp" => packet.datagram(fields.get(6)?, fields.get(7)?),
        "icmp" => packet.icmp_error(fields.address(6)?, fields.get(7)?, fields.get(8)?, fields.get(9)?),
        unknown => return Err(PyValueError::new_err(format!("no such kind of packet: {unknown}"))),
    };
    Ok((time_ns, frame, decoded))
}

fn summed(name: &str) -> PyResult<Summed> {
    match name {
        "right" => Ok(Summed::Right),
        "wrong" => Ok(Summed::Wrong),
        "unknown" => Ok(Summed::Unknown),
        "disputed" => Ok(Summed::Disputed),
        _ => Err(PyValueError::new_err(format!("no such word for a checksum: {name}"))),
    }
}

struct Fields<'a, 'py>(&'a Bound<'py, PyTuple>);

impl<'py> Fields<'_, 'py> {
    fn get<T>(&self, at: usize) -> PyResult<T>
    where
        T: for<'b> FromPyObject<'b, 'py>,
    {
        let item = self.0.get_item(at)?;
        item.extract::<T>().map_err(Into::into)
    }

    fn address(&self, at: usize) -> PyResult<IpAddr> {
        let text: String = self.get(at)?;
        text.parse().map_err(|_| PyValueError::new_err(format!("not an address: {text}")))
    }
}
