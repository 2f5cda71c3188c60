//! Why a header could not be decoded: the closed set of [`Undecodable`](crate::segment::Undecodable)
//! reasons.

/// The capture ends before the header does.
pub const CUT_SHORT: &str = "cut short";
/// The packet ends before the header does, by the length in the outer header.
pub const PACKET_TOO_SHORT: &str = "packet shorter than its header";
/// The header's length field is below its minimum.
pub const HEADER_TOO_SHORT: &str = "header length below its minimum";
/// The header's length field reaches beyond the packet.
pub const HEADER_TOO_LONG: &str = "header longer than its packet";
/// A version number other than the one the header must have.
pub const WRONG_VERSION: &str = "wrong version";
/// The number of the next header is unknown here.
pub const UNKNOWN_PROTOCOL: &str = "unknown protocol";
/// A link type that the registry has no name for.
pub const UNKNOWN_LINK: &str = "unknown link type";
/// A link type with a name, but without a decoder.
pub const UNDECODED_LINK: &str = "link type not decoded";
/// The payload is compressed: to decode it takes state from earlier frames.
pub const COMPRESSED: &str = "compressed";
/// Too many nested headers.
pub const TOO_DEEP: &str = "nested too deeply";
/// A fragment beyond the maximum packet length.
pub const FRAGMENT_TOO_FAR: &str = "fragment past the longest packet";
/// More fragments of one packet than are kept.
pub const TOO_MANY_FRAGMENTS: &str = "too many fragments of one packet";
