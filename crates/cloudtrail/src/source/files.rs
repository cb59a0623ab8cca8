//! A long list of files in little memory.
//!
//! An account's year is hundreds of thousands of files, with names that differ in a few letters:
//! `123456789012_CloudTrail_eu-central-1_20261120T1015Z_Wx3vP0aLq8Zk2NbR.json.gz`. So a folder is
//! kept once, and of a name what the folder's first name does not have at its beginning and end.

use std::cmp::{Ordering, Reverse};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::identity::Identity;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The file, as it was reached.
    pub path: PathBuf,
    /// Its size in bytes, as far as it has one.
    pub size: u64,
    /// Whether it is a pipe or something else that is no file, and was given by its name.
    pub special: bool,
}

/// Files to read: the largest first, so that those read side by side end together; then by folder
/// and name.
#[derive(Debug, Default)]
pub struct Files {
    folders: Vec<Folder>,
    entries: Vec<Entry>,
    /// Those that are no files.
    pub(super) special: Vec<PathBuf>,
}

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    /// What all files in it are on.
    device: u64,
    /// The name that the others are kept by.
    first: Vec<u8>,
    /// What the names have of their own, one behind the other.
    own: Vec<u8>,
}

/// One file, in 32 bytes.
#[derive(Debug)]
struct Entry {
    size: u64,
    inode: u64,
    folder: u32,
    /// Where its own letters begin.
    start: u32,
    /// How many they are.
    own: u16,
    /// How many letters it has in common with the folder's first name, at the beginning …
    before: u8,
    /// … and at the end.
    behind: u8,
}

impl Files {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The file at a place in the order.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<File> {
        self.entries.get(place).map(|entry| self.file(entry))
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = File> {
        self.entries.iter().map(|entry| self.file(entry))
    }

    /// The bytes that they have together. Sizes are what a file system says, holes included.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let sizes = self.entries.iter().map(|entry| entry.size);
        sizes.fold(0, u64::saturating_add)
    }

    fn file(&self, entry: &Entry) -> File {
        let folder = self.folder(entry);
        let name = folder.letters(entry, 0).copied().collect();
        let path = match String::from_utf8(name) {
            Ok(name) if !name.is_empty() => folder.path.join(name),
            _ => folder.path.clone(),
        };
        File {
            special: self.special.contains(&path),
            path,
            size: entry.size,
        }
    }

    fn folder(&self, entry: &Entry) -> &Folder {
        &self.folders[entry.folder as usize]
    }

    /// Puts a file at the end. One that was reached before goes in [`Files::finish`].
    pub(super) fn push(&mut self, path: &Path, size: u64, identity: Identity) {
        let Identity { device, inode } = identity;
        let name = path.file_name().and_then(OsStr::to_str);
        if let (Some(folder), Some(name)) = (path.parent(), name) {
            let known = self.folders.last();
            if known.is_none_or(|it| it.device != device || it.path != folder) {
                self.folders.push(Folder::new(folder, device, name));
            }
            if self.put(name.as_bytes(), size, inode).is_some() {
                return;
            }
        }
        // A name that is no text, or too much for an entry: the path is kept as it is.
        self.folders.push(Folder::new(path, device, ""));
        let _ = self.put(b"", size, inode);
    }

    /// Keeps a name in the last folder, if it fits.
    fn put(&mut self, name: &[u8], size: u64, inode: u64) -> Option<()> {
        let index = u32::try_from(self.folders.len().checked_sub(1)?).ok()?;
        let folder = self.folders.last_mut()?;
        let before = common(folder.first.iter(), name.iter());
        let (first, rest) = (
            &folder.first[usize::from(before)..],
            &name[usize::from(before)..],
        );
        let behind = common(first.iter().rev(), rest.iter().rev());
        let own = &rest[..rest.len() - usize::from(behind)];
        let entry = Entry {
            size,
            inode,
            folder: index,
            start: u32::try_from(folder.own.len()).ok()?,
            own: u16::try_from(own.len()).ok()?,
            before,
            behind,
        };
        folder.own.extend_from_slice(own);
        self.entries.push(entry);
        Some(())
    }

    /// Drops what was reached before, and orders the rest.
    pub(super) fn finish(&mut self) {
        let Self {
            folders, entries, ..
        } = self;
        let folder = |entry: &Entry| &folders[entry.folder as usize];
        // Some file systems give several files one number. Those of other sizes are not the same.
        let identity = |entry: &Entry| (folder(entry).device, entry.inode, entry.size);
        entries.sort_unstable_by_key(|it| (identity(it), it.folder, it.start));
        entries.dedup_by(|later, kept| identity(later) == identity(kept));
        entries.sort_unstable_by(|a, b| {
            let sizes = Reverse(a.size).cmp(&Reverse(b.size));
            sizes.then_with(|| by_name((a, folder(a)), (b, folder(b))))
        });
    }
}

/// By folder, then by name.
fn by_name((a, in_a): (&Entry, &Folder), (b, in_b): (&Entry, &Folder)) -> Ordering {
    if a.folder == b.folder {
        // What they both share with the first name needs no look.
        let alike = usize::from(a.before.min(b.before));
        return in_a.letters(a, alike).cmp(in_b.letters(b, alike));
    }
    let folders = in_a.path.cmp(&in_b.path);
    folders.then_with(|| in_a.letters(a, 0).cmp(in_b.letters(b, 0)))
}

impl Folder {
    fn new(path: &Path, device: u64, first: &str) -> Self {
        Self {
            path: path.into(),
            device,
            first: first.as_bytes().into(),
            own: Vec::new(),
        }
    }

    /// The letters of a name behind the first `passed`, which are at most those before its own.
    fn letters(&self, entry: &Entry, passed: usize) -> impl Iterator<Item = &u8> {
        let start = entry.start as usize;
        let own = &self.own[start..start + usize::from(entry.own)];
        let behind = self.first.len() - usize::from(entry.behind);
        let before = &self.first[passed..usize::from(entry.before)];
        before.iter().chain(own).chain(&self.first[behind..])
    }
}

/// How many letters two names begin with alike, as far as a byte can say.
fn common<'a>(a: impl Iterator<Item = &'a u8>, b: impl Iterator<Item = &'a u8>) -> u8 {
    let alike = a.zip(b).take(usize::from(u8::MAX));
    u8::try_from(alike.take_while(|(a, b)| a == b).count()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(paths: &[PathBuf]) -> Files {
        let mut files = Files::default();
        for (inode, path) in (0..).zip(paths) {
            files.push(path, 1, Identity { device: 1, inode });
        }
        files.finish();
        files
    }

    #[test]
    fn an_entry_is_small() {
        assert_eq!(size_of::<Entry>(), 32);
    }

    #[test]
    fn a_number_that_two_files_have_makes_them_one_only_of_one_size() {
        let mut files = Files::default();
        let identity = || Identity {
            device: 1,
            inode: 7,
        };
        for (path, size) in [("/a/x", 5), ("/a/y", 6), ("/b/x", 5)] {
            files.push(Path::new(path), size, identity());
        }
        files.finish();
        let found: Vec<PathBuf> = files.iter().map(|file| file.path).collect();
        assert_eq!(found, [Path::new("/a/y"), Path::new("/a/x")]);
    }

    #[test]
    fn sizes_add_up_to_the_largest_number_at_most() {
        let mut files = Files::default();
        for inode in 0..3 {
            let path = format!("/a/{inode}");
            files.push(Path::new(&path), 1 << 63, Identity { device: 1, inode });
        }
        assert_eq!(files.bytes(), u64::MAX);
    }

    proptest! {
        #[test]
        fn every_path_comes_back_and_in_order(
            names in prop::collection::hash_set("(|a|bb|x/|ü/)(2026[01]{0,3}|[aü]{0,3}).{0,3}(|.gz|\\.json\\.gz)", 0..30)
        ) {
            let mut paths: Vec<PathBuf> = names.iter().map(|name| Path::new("/logs").join(name)).collect();
            let found: Vec<PathBuf> = list(&paths).iter().map(|file| file.path).collect();
            let key = |path: &PathBuf| (path.parent().map(PathBuf::from), path.file_name().map(OsStr::to_owned));
            paths.sort_by_key(key);
            prop_assert_eq!(found, paths);
        }
    }

    #[test]
    fn long_names_and_those_without_are_kept_whole() {
        let long = "y".repeat(300);
        let paths: Vec<PathBuf> = [
            "/".into(),
            "/..".into(),
            format!("/a/{long}1x{long}"),
            format!("/a/{long}2x{long}"),
            format!("/a/{}", "z".repeat(70_000)),
        ]
        .map(PathBuf::from)
        .into();
        let found: Vec<PathBuf> = list(&paths).iter().map(|file| file.path).collect();
        assert_eq!(found, paths);
    }
}
