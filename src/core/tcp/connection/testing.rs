//! Everything that a connection knows, for tests that compare two.

use super::Connection;

impl Connection {
    /// Everything that it knows in one text, except `stray`, which only the flow table needs.
    pub(in crate::tcp) fn all_known(&self) -> String {
        let Self {
            ends,
            log,
            first_frame,
            last_frame,
            pause,
            handshake_ns,
            direction,
            stamps,
            turns,
            longest_turns,
            stray: _,
        } = self;
        format!(
            "{ends:?} {log:?} {first_frame} {last_frame} {pause:?} {handshake_ns} {direction:?} {stamps:?} {turns:?} \
             {longest_turns:?}"
        )
    }
}
