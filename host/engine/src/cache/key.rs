//! What makes two questions the same.

use aws_lc_rs::digest::{Context, SHA256};

/// SHA-256 over all fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The digest, to key a shared cache with.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Collects named fields. Every name and value is preceded by its length, so that no two different lists of
/// fields give the same bytes.
pub struct Fields(Context);

impl Fields {
    /// `purpose` tells this list of fields from every other one, its version included.
    #[must_use]
    pub fn new(purpose: &str) -> Self {
        let mut fields = Self(Context::new(&SHA256));
        fields.bytes(purpose.as_bytes());
        fields
    }

    /// A field that is always there.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.bytes(name.as_bytes());
        self.0.update(&[1]);
        self.bytes(value.as_ref());
        self
    }

    /// A field that may be unset, which differs from empty.
    #[must_use]
    pub fn optional(mut self, name: &str, value: Option<impl AsRef<[u8]>>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => {
                self.bytes(name.as_bytes());
                self.0.update(&[0]);
                self
            }
        }
    }

    /// The key of exactly these fields in this order.
    #[must_use]
    pub fn finish(self) -> Key {
        let mut key = [0; 32];
        key.copy_from_slice(self.0.finish().as_ref());
        Key(key)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fields")
    }
}

#[cfg(test)]
mod tests {
    use super::{Fields, Key};

    fn key(fields: &[(&str, &str)]) -> Key {
        fields
            .iter()
            .fold(Fields::new("test"), |all, (name, value)| {
                all.field(name, value)
            })
            .finish()
    }

    #[test]
    fn same_fields_same_key() {
        assert_eq!(
            key(&[("a", "1"), ("b", "2")]),
            key(&[("a", "1"), ("b", "2")])
        );
    }

    #[test]
    fn no_shift_of_bytes_between_fields_gives_the_same_key() {
        let all = [
            key(&[("a", "12"), ("b", "3")]),
            key(&[("a", "1"), ("b", "23")]),
            key(&[("a", "1"), ("2b", "3")]),
            key(&[("b", "3"), ("a", "12")]),
            key(&[("a", "12b3")]),
            key(&[("a", ""), ("", "12b3")]),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[index + 1..].contains(one));
        }
    }

    #[test]
    fn unset_differs_from_empty_and_purposes_differ() {
        let unset = Fields::new("test").optional("a", None::<&str>).finish();
        let empty = Fields::new("test").optional("a", Some("")).finish();
        let other = Fields::new("other").optional("a", Some("")).finish();
        assert_ne!(unset, empty);
        assert_ne!(empty, other);
    }
}
