//! The encoding between processes. Both run the same build, so the format is private.

use super::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Encodes a value.
///
/// # Errors
///
/// Never for the values sent here; the encoder can only refuse values of unknown length.
pub fn packed(value: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    postcard::to_stdvec(value).map_err(|_| Refusal::Garbled)
}

/// Encodes a value behind others.
///
/// # Errors
///
/// See [`packed`].
pub fn pack_onto(value: &impl Serialize, bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    postcard::to_extend(value, bytes).map_err(|_| Refusal::Garbled)
}

/// Decodes a value.
///
/// # Errors
///
/// When the bytes are not a value of this type.
pub fn unpacked<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(Refusal::Garbled),
    }
}

/// Decodes values, one behind the other.
///
/// # Errors
///
/// When the bytes are not values of this type.
pub fn each<T: DeserializeOwned>(mut bytes: &[u8], mut take: impl FnMut(T)) -> Result<(), Refusal> {
    while !bytes.is_empty() {
        let (value, rest) = postcard::take_from_bytes(bytes).map_err(|_| Refusal::Garbled)?;
        take(value);
        bytes = rest;
    }
    Ok(())
}
