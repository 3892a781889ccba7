//! A small disk of one test, to be filled up, or copied as a power cut would leave it.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Command,
};

use tempfile::TempDir;

/// Unmounted when the value goes.
#[derive(Debug)]
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// In memory; `None` where mounting is not permitted.
    pub fn of_memory(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        Self::mounted(folder, &["-t", "tmpfs", "-o", &size, "tmpfs"])
    }

    /// An ext4 in a file; `None` where mounting is not permitted.
    pub fn of_image(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        File::create(&image).unwrap().set_len(u64::from(megabytes) << 20).unwrap();
        let mkfs = Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image).output();
        if !mkfs.is_ok_and(|output| output.status.success()) {
            skipped("mkfs.ext4 does not work");
            return None;
        }
        Self::mounted_image(folder)
    }

    fn mounted_image(folder: TempDir) -> Option<Self> {
        let image = folder.path().join("image").display().to_string();
        Self::mounted(folder, &["-t", "ext4", "-o", "loop", &image])
    }

    fn mounted(folder: TempDir, what: &[&str]) -> Option<Self> {
        // A server that root lends another user has to get through.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let disk = Self { folder };
        fs::create_dir(disk.path()).unwrap();
        let mount = Command::new("mount").args(what).arg(disk.path()).output();
        if mount.is_ok_and(|output| output.status.success()) {
            return Some(disk);
        }
        skipped("mounting is not permitted");
        None
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("mounted")
    }

    /// What a power cut at this moment would leave: only what has reached the image. Whoever writes
    /// should stand still meanwhile.
    pub fn after_power_cut(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(self.folder.path().join("image"), folder.path().join("image")).unwrap();
        Self::mounted_image(folder).expect("what could be mounted once can be mounted again")
    }

    /// Leaves no room for anything. The file that takes it.
    pub fn fill(&self) -> Filler {
        let path = self.path().join("filler");
        let mut file = File::create(&path).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![0; size]).is_ok() && file.sync_data().is_ok() {}
        }
        Filler(path)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.path()).output());
    }
}

/// Takes all the room until the value goes.
#[derive(Debug)]
pub struct Filler(PathBuf);

impl Drop for Filler {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

#[expect(clippy::print_stdout, reason = "a test that passes without checking should say so")]
fn skipped(why: &str) {
    println!("skipped: {why}");
}
