//! Stores paths in JSON as bytes, because a path need not be UTF-8. Used with `#[serde(with = "raw_path")]`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// One path or several, each with or without a name.
pub(crate) trait Paths: Sized {
    type Bytes: Serialize + DeserializeOwned;
    fn to_bytes(&self) -> Self::Bytes;
    fn from_bytes(bytes: Self::Bytes) -> Self;
}

pub(crate) fn serialize<P: Paths, S: Serializer>(paths: &P, serializer: S) -> Result<S::Ok, S::Error> {
    paths.to_bytes().serialize(serializer)
}

pub(crate) fn deserialize<'de, P: Paths, D: Deserializer<'de>>(deserializer: D) -> Result<P, D::Error> {
    P::Bytes::deserialize(deserializer).map(P::from_bytes)
}

impl Paths for PathBuf {
    type Bytes = Vec<u8>;

    fn to_bytes(&self) -> Vec<u8> {
        self.as_os_str().as_bytes().into()
    }

    fn from_bytes(bytes: Vec<u8>) -> Self {
        OsString::from_vec(bytes).into()
    }
}

impl<P: Paths> Paths for Vec<P> {
    type Bytes = Vec<P::Bytes>;

    fn to_bytes(&self) -> Self::Bytes {
        self.iter().map(P::to_bytes).collect()
    }

    fn from_bytes(bytes: Self::Bytes) -> Self {
        bytes.into_iter().map(P::from_bytes).collect()
    }
}

impl<P: Paths> Paths for (String, P) {
    type Bytes = (String, P::Bytes);

    fn to_bytes(&self) -> Self::Bytes {
        (self.0.clone(), self.1.to_bytes())
    }

    fn from_bytes((name, bytes): Self::Bytes) -> Self {
        (name, P::from_bytes(bytes))
    }
}
