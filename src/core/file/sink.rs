//! The output of recorded blocks: a file or standard output, written in large chunks.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::Path;

/// Bytes gathered before they are written.
const GATHERED: usize = 256 << 10;

/// Takes complete pcapng blocks, and leaves only complete ones on disk.
pub struct Sink {
    to: To,
    blocks: Vec<u8>,
    written: u64,
}

enum To {
    File(File),
    Stdout(io::Stdout),
}

impl Sink {
    /// Creates or empties a file that only its owner may read; `-` is standard output.
    ///
    /// # Errors
    ///
    /// If it cannot be created, belongs to another user, or another recorder writes to it.
    pub fn open(path: &Path) -> io::Result<Self> {
        let to = if path.as_os_str() == "-" { To::Stdout(io::stdout()) } else { To::File(create(path)?) };
        Ok(Self { to, blocks: Vec::with_capacity(GATHERED), written: 0 })
    }

    /// Bytes taken so far.
    pub const fn length(&self) -> u64 {
        self.written + self.blocks.len() as u64
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let written = match &mut self.to {
            To::File(file) => file.write_all(&self.blocks),
            To::Stdout(stdout) => stdout.lock().write_all(&self.blocks).and_then(|()| stdout.lock().flush()),
        };
        match (written, &mut self.to) {
            (Ok(()), _) => {
                self.written += self.blocks.len() as u64;
                self.blocks.clear();
                Ok(())
            }
            (Err(error), To::File(file)) => {
                let length = rescue(file, &self.blocks, self.written)?;
                self.written = length;
                self.blocks.clear();
                Err(error)
            }
            (Err(error), To::Stdout(_)) => Err(error),
        }
    }
}

/// Creates a file, or empties it after making sure that no other recorder writes to it. Only its owner may read a
/// capture.
fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    #[cfg(unix)]
    refuse_planted(path, None)?; // the opening would create what a link names
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    #[cfg(unix)]
    refuse_planted(path, Some(&metadata))?; // somebody may have put a link there in between
    if !metadata.is_file() {
        return Ok(file);
    }
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another process writes to it"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode();
        if mode & 0o077 != 0 {
            file.set_permissions(PermissionsExt::from_mode(mode & 0o600))?;
        }
    }
    file.set_len(0)?;
    Ok(file)
}

/// Refuses another user's symbolic link in a folder that is writable to all: the owner of the link would choose the file to
/// be overwritten. Once the file is `opened`, its name must lead to it: the link may have been taken away again.
///
/// `replacing.py` has the same rule, for reports.
#[cfg(unix)]
fn refuse_planted(path: &Path, opened: Option<&std::fs::Metadata>) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let found = path.symlink_metadata().ok();
    let is_planted = if let Some(link) = found.as_ref().filter(|found| found.is_symlink()) {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new(".")).metadata()?;
        folder.mode() & 0o002 != 0 && ![0, own_uid().unwrap_or(0), folder.uid()].contains(&link.uid())
    } else {
        let named = found.map(|found| (found.dev(), found.ino()));
        opened.is_some_and(|opened| named != Some((opened.dev(), opened.ino())))
    };
    if is_planted {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "a link of another user's leads there"));
    }
    Ok(())
}

/// The user whose rights files are opened with. The owner of `/proc/self` does not tell: that is root once a process has become
/// another user (proc(5)).
#[cfg(unix)]
fn own_uid() -> Option<u32> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    uids.split_whitespace().last()?.parse().ok()
}

/// Cuts a file back to its last complete block; it had `before` bytes before `blocks` were written.
fn rescue(file: &File, blocks: &[u8], before: u64) -> io::Result<u64> {
    let Ok(metadata) = file.metadata() else { return Ok(before) };
    if !metadata.is_file() {
        return Ok(before);
    }
    let arrived = usize::try_from(metadata.len().saturating_sub(before)).unwrap_or(0);
    let mut whole = 0;
    while let Some(length) = blocks.get(whole + 4..).and_then(|rest| rest.first_chunk()) {
        let end = whole + u32::from_le_bytes(*length) as usize;
        if end > arrived || end <= whole {
            break;
        }
        whole = end;
    }
    file.set_len(before + whole as u64)?;
    Ok(before + whole as u64)
}

impl Write for Sink {
    fn write(&mut self, block: &[u8]) -> io::Result<usize> {
        self.blocks.extend_from_slice(block);
        if self.blocks.len() >= GATHERED {
            self.hand_over()?;
        }
        Ok(block.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.blocks.is_empty() { Ok(()) } else { self.hand_over() }
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sink of {} bytes", self.length())
    }
}

#[cfg(test)]
mod tests {
    use super::rescue;
    use std::fs::{self, File};
    use std::io::Write;

    #[test]
    fn a_file_is_cut_back_to_its_last_whole_block() {
        let path = std::env::temp_dir().join(format!("wirestat-sink-{}", std::process::id()));
        let block = |length: u32| {
            let mut block = vec![0; length as usize];
            block[4..8].copy_from_slice(&length.to_le_bytes());
            block
        };
        let blocks = [block(28), block(40), block(32)].concat();
        for (arrived, kept) in [(0, 0), (27, 0), (28, 28), (60, 28), (68, 68), (99, 68), (100, 100)] {
            let mut file = File::create(&path).unwrap();
            file.write_all(&[7; 12]).unwrap();
            file.write_all(&blocks[..arrived]).unwrap();
            assert_eq!(rescue(&file, &blocks, 12).unwrap(), 12 + kept);
            assert_eq!(fs::metadata(&path).unwrap().len(), 12 + kept);
        }
        fs::remove_file(path).unwrap();
    }
}
