//! Any bytes, read as a block of the kernel's ring: packets stay within it. A tag that is put back adds four bytes,
//! if the frame has a place for it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wirestat_core::ring::{packets, put_tag_back};

fuzz_target!(|block: &[u8]| {
    let Ok(found) = packets(block) else { return };
    let bounds = block.as_ptr_range();
    // A block may claim more packets than fit into it: they overlap, or repeat one another.
    for packet in found.take(10_000) {
        let Ok(packet) = packet else { return };
        let held = packet.data.as_ptr_range();
        assert!(packet.data.is_empty() || (bounds.start <= held.start && held.end <= bounds.end));
        if let Some(tag) = packet.tag {
            let mut whole = Vec::new();
            put_tag_back(&mut whole, packet.data, tag);
            // A frame that ends within its addresses has no place for a tag.
            let added = if packet.data.len() < 12 { 0 } else { 4 };
            assert!(whole.len() == packet.data.len() + added);
        }
    }
});
