//! Volumes: directories, which processes find by the variables `VOLUME_<NAME>`.

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::FileTypeExt as _,
    path::{Component, Path, PathBuf},
};

use pod_lifecycle::api::{
    Container, HostPathType, HostPathVolumeSource, Pod, Volume, VolumeMount, VolumeSource,
};

/// Where each volume is.
#[derive(Default)]
pub(crate) struct Volumes(BTreeMap<String, PathBuf>);

/// Why a volume cannot be given, if it cannot.
pub(crate) fn refusal(volume: &Volume) -> Option<String> {
    let source = volume.source()?;
    let name = source.name();
    match source {
        VolumeSource::EmptyDir(_) | VolumeSource::HostPath(_) => None,
        VolumeSource::ConfigMap(map) if map.optional == Some(true) => None,
        VolumeSource::Secret(secret) if secret.optional == Some(true) => None,
        _ => Some(format!("there is no {name} here")),
    }
}

/// The variable that says where a volume is.
pub(crate) fn variable(volume: &str) -> String {
    format!("VOLUME_{}", volume.to_uppercase().replace('-', "_"))
}

impl Volumes {
    /// Makes all volumes, or says of one why it cannot be made.
    pub(crate) fn mount(pod: &Pod, below: &Path) -> Result<Self, String> {
        let mut volumes = Self::default();
        for volume in &pod.spec.volumes {
            let name = &volume.name;
            let failed = |why: &dyn core::fmt::Display| format!("volume {name:?}: {why}");
            if let Some(why) = refusal(volume) {
                return Err(failed(&why));
            }
            let path = match &volume.host_path {
                Some(source) => host_path(source).map_err(|error| failed(&error))?,
                None => {
                    let path = below.join("volumes").join(name);
                    fs::create_dir_all(&path).map_err(|error| failed(&error))?;
                    path
                }
            };
            if volume.host_path.is_some() && !path.exists() {
                fs::create_dir_all(&path).map_err(|error| failed(&error))?;
            }
            volumes.0.insert(name.clone(), path);
        }
        Ok(volumes)
    }

    /// Returns where what is mounted is, and makes it where it is a directory below the volume.
    pub(crate) fn find(&self, mount: &VolumeMount, below: &str) -> io::Result<PathBuf> {
        let Some(volume) = self.0.get(&mount.name) else {
            return Err(io::Error::other("it is not mounted"));
        };
        if below.is_empty() {
            return Ok(volume.clone());
        }
        let below = Path::new(below);
        if below.components().any(|step| step == Component::ParentDir) || below.is_absolute() {
            return Err(io::Error::other("a subPath stays below its volume"));
        }
        let path = volume.join(below);
        if !path.exists() {
            fs::create_dir_all(&path)?;
        }
        Ok(path)
    }

    /// Returns where a path of the container is here: below a volume, or where it says.
    pub(crate) fn locate(&self, container: &Container, path: &str) -> PathBuf {
        let mounts = container.volume_mounts.iter().filter(|mount| {
            let plain = mount.sub_path.is_empty() && mount.sub_path_expr.is_empty();
            plain && Path::new(path).starts_with(&mount.mount_path)
        });
        let nearest = mounts.max_by_key(|mount| mount.mount_path.len());
        let below = nearest.and_then(|mount| {
            let rest = Path::new(path).strip_prefix(&mount.mount_path).ok()?;
            Some(self.0.get(&mount.name)?.join(rest))
        });
        below.unwrap_or_else(|| path.into())
    }
}

fn host_path(source: &HostPathVolumeSource) -> io::Result<PathBuf> {
    let path = PathBuf::from(&source.path);
    let kind = || fs::metadata(&path).map(|found| found.file_type());
    let is = match &source.type_ {
        None | Some(HostPathType::Unset) => true,
        Some(HostPathType::DirectoryOrCreate) => {
            fs::create_dir_all(&path)?;
            true
        }
        Some(HostPathType::FileOrCreate) => {
            fs::OpenOptions::new()
                .append(true)
                .create(true)
                .open(&path)?;
            true
        }
        Some(HostPathType::Directory) => kind()?.is_dir(),
        Some(HostPathType::File) => kind()?.is_file(),
        Some(HostPathType::Socket) => kind()?.is_socket(),
        Some(HostPathType::CharDevice) => kind()?.is_char_device(),
        Some(HostPathType::BlockDevice) => kind()?.is_block_device(),
        Some(_) => false,
    };
    if is {
        Ok(path)
    } else {
        let wanted = source.type_.as_ref().map(ToString::to_string);
        let wanted = wanted.unwrap_or_default();
        Err(io::Error::other(format!("{} is no {wanted}", source.path)))
    }
}
