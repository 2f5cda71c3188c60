//! Packets dissected in Python: records of plain numbers and addresses in text.

use crate::segment::{Decoded, Summed};
use crate::wire::Decoder;
use crate::wire::dissected::{self, Packet, Tcp};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::net::IpAddr;

/// Reads one packet: see `wirestat.dissected` for its fields, which are asked for by name.
pub fn read(decoder: &mut Decoder, packet: &Bound<'_, PyAny>) -> PyResult<(i64, u64, Decoded)> {
    let fields = Fields(packet);
    let kind: String = fields.get("kind")?;
    let (time_ns, frame) = (fields.get("time_ns")?, fields.get("frame")?);
    if kind == "other" {
        return Ok((time_ns, frame, dissected::other(&fields.get::<String>("name")?)));
    }
    let tunnels: Vec<(String, u32)> = fields.get("tunnels")?;
    let (source, destination) = (fields.address("source")?, fields.address("destination")?);
    let scope = decoder.scope_of(&tunnels, source.is_ipv6());
    let whose = Packet { time_ns, frame, scope, source, destination };
    let decoded = match kind.as_str() {
        "tcp" => {
            let options: Bound<'_, PyBytes> = fields.get("options")?;
            whose.segment(&Tcp {
                ttl: fields.get("ttl")?,
                ip_id: fields.get("ip_id")?,
                labelled: fields.get("labelled")?,
                ports: fields.get("ports")?,
                seq: fields.get("seq")?,
                ack: fields.get("ack")?,
                flags: fields.get("flags")?,
                window: fields.get("window")?,
                payload: fields.get("payload")?,
                checksum: fields.get("checksum")?,
                urgent: 0,
                options: options.as_bytes(),
                options_length: fields.get("options_length")?,
                summed: summed(&fields.get::<String>("summed")?)?,
            })
        }
        "udp" => whose.datagram(fields.get("ports")?, fields.get("payload")?),
        "icmp" => whose.icmp_error(
            fields.address("reporter")?,
            fields.get("code")?,
            fields.get("ports")?,
            fields.get("seq")?,
        ),
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

struct Fields<'a, 'py>(&'a Bound<'py, PyAny>);

impl<'py> Fields<'_, 'py> {
    fn get<T>(&self, name: &str) -> PyResult<T>
    where
        T: for<'b> FromPyObject<'b, 'py>,
    {
        let item = self.0.getattr(name)?;
        item.extract::<T>().map_err(Into::into)
    }

    fn address(&self, name: &str) -> PyResult<IpAddr> {
        let text: String = self.get(name)?;
        text.parse().map_err(|_| PyValueError::new_err(format!("not an address: {text}")))
    }
}
