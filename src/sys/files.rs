//! Files and folders that only their owner may read, and locks between processes.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

/// Creates a folder and what is missing above it, for the owner alone; on Windows it takes its access
/// list from the folder above. A folder that is there already is left as it is; something else of
/// that name is an error.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file for reading and writing; a new one is for the owner alone.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Finds out whether files can be made in a folder, by making one: access bits say too little
/// (read-only mounts, quotas, access lists).
pub fn check_writable(folder: &Path) -> io::Result<()> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        ".tim-probe-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let probe = folder.join(name);
    drop(create_private_file(&probe)?);
    fs::remove_file(&probe)
}

/// Whether somebody has removed a file that is open here. `data` is what it told of itself last.
#[cfg(unix)]
pub fn is_unlinked(_: &File, data: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(data) == 0
}

/// The same; a file that goes with its last handle counts as removed.
#[cfg(windows)]
pub fn is_unlinked(file: &File, _: &Metadata) -> bool {
    use std::os::windows::io::AsRawHandle;
    use windows_sys::Win32::Storage::FileSystem::{
        FILE_STANDARD_INFO, FileStandardInfo, GetFileInformationByHandleEx,
    };
    let mut info = FILE_STANDARD_INFO::default();
    // SAFETY: the handle is open, and `info` has the size that is told.
    let known = unsafe {
        GetFileInformationByHandleEx(
            file.as_raw_handle(),
            FileStandardInfo,
            (&raw mut info).cast(),
            size_of::<FILE_STANDARD_INFO>() as u32,
        )
    };
    known != 0 && (info.DeletePending || info.NumberOfLinks == 0)
}

/// An exclusive lock on a file, held against other processes and against this one. It goes with
/// the value, also when the process dies.
#[derive(Debug)]
pub struct FileLock(File);

impl FileLock {
    /// Takes the lock, creating the file when it is missing; none when somebody else has it.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        let file = create_private_file(path)?;
        loop {
            return match file.try_lock() {
                Ok(()) => Ok(Some(Self(file))),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(TryLockError::Error(e)) => Err(e),
            };
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing alone would leave the lock to a forked child that has the same descriptor.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_holds_against_this_process_too_and_goes_with_the_value() {
        let folder = std::env::temp_dir().join(format!("tim-lock-{}", std::process::id()));
        create_private_dir(&folder).unwrap();
        let path = folder.join("a.lock");
        let first = FileLock::take(&path).unwrap().expect("free");
        assert!(FileLock::take(&path).unwrap().is_none());
        drop(first);
        assert!(FileLock::take(&path).unwrap().is_some());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn folders_and_files_are_private_and_unusable_folders_are_told() {
        use std::os::unix::fs::PermissionsExt;
        let root = std::env::temp_dir().join(format!("tim-priv-{}", std::process::id()));
        let inner = root.join("a").join("b");
        create_private_dir(&inner).unwrap();
        create_private_dir(&inner).unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&root), mode(&inner)), (0o700, 0o700));
        let file = inner.join("f");
        create_private_file(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
        check_writable(&inner).unwrap();
        assert_eq!(fs::read_dir(&inner).unwrap().count(), 1);
        assert!(create_private_dir(&file).is_err());
        assert!(check_writable(&file).is_err());
        assert!(create_private_dir(&root.join("x".repeat(300))).is_err());
        fs::remove_dir_all(&root).unwrap();
    }
}
