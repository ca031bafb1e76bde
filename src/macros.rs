//! The three macros that every wire type is written with.

/// A wire object, written as the struct that it is.
///
/// Behind `=>` stands the name on the wire, in the order of the API's own
/// struct, and how the field is written out:
///
/// | words | Go | an unset value |
/// |---|---|---|
/// | none | no `omitempty` | is written, an empty list or map as `null` |
/// | `omitempty` | `omitempty` | is left out, unless the field is an object that is not optional |
/// | `text` | an enum that is not a pointer | `""` on the wire, `None` here |
macro_rules! wire_struct {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $(
                $(#[$fmeta:meta])*
                pub $field:ident: $ty:ty => $json:literal $($word:ident)*,
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
        pub struct $name {
            $($(#[$fmeta])* pub $field: $ty,)*
        }

        const _: () = {
            #[allow(non_camel_case_types, clippy::enum_variant_names)]
            enum Index { $($field,)* }

            impl $crate::wire::Object for $name {
                const NAME: &'static str = stringify!($name);
                const FIELDS: &'static [&'static str] = &[$($json,)*];

                fn field<'de, A: serde::de::MapAccess<'de>>(
                    &mut self,
                    index: usize,
                    map: &mut A,
                ) -> Result<(), A::Error> {
                    $(if index == Index::$field as usize {
                        return map.next_value_seed(wire_slot!(&mut self.$field; $($word)*));
                    })*
                    let _ = map;
                    Ok(())
                }

                fn compare_but(
                    &self,
                    passed_over: &[&str],
                    wanted: &Self,
                    at: &mut $crate::field::At<'_>,
                    found: &mut alloc::vec::Vec<$crate::field::Difference>,
                ) {
                    $(if !passed_over.contains(&$json) {
                        $crate::wire::compare(&self.$field, &wanted.$field, &mut at.field($json), found);
                    })*
                }
            }

            impl $crate::wire::Wire for $name {
                fn zero() -> Self {
                    Self::default()
                }

                fn merge<'de, D: serde::Deserializer<'de>>(&mut self, d: D) -> Result<(), D::Error> {
                    $crate::wire::merge_object(self, d)
                }

                fn is_empty(&self) -> bool {
                    false
                }

                fn compare(
                    &self,
                    wanted: &Self,
                    at: &mut $crate::field::At<'_>,
                    found: &mut alloc::vec::Vec<$crate::field::Difference>,
                ) {
                    $crate::wire::Object::compare_but(self, &[], wanted, at, found);
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                    $crate::wire::read(d)
                }
            }

            impl serde::Serialize for $name {
                #[inline]
                fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                    #[allow(unused_imports)]
                    use $crate::wire::Wire as _;
                    use serde::ser::SerializeStruct as _;
                    let any = false $(|| wire_is_written!(self.$field; $($word)*))*;
                    // Counted behind a barrier: a serializer such as JSON's, which asks only
                    // whether there is a field, would otherwise hold what it does not need.
                    let counted = core::hint::black_box(self);
                    let _ = counted;
                    let count = 0 $(+ usize::from(wire_is_written!(counted.$field; $($word)*)))*;
                    let len = if any { count.max(1) } else { 0 };
                    #[allow(unused_mut)]
                    let mut out = s.serialize_struct(stringify!($name), len)?;
                    $(if any && wire_is_written!(self.$field; $($word)*) {
                        wire_hint!($($word)*);
                        wire_write!(out, $json, &self.$field; $($word)*)?;
                    } else {
                        out.skip_field($json)?;
                    })*
                    out.end()
                }
            }

            #[cfg(feature = "arbitrary")]
            impl<'a> arbitrary::Arbitrary<'a> for $name {
                fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                    let mut value = Self::default();
                    $(wire_filled!(&mut value.$field, u, stringify!($name), $json; $($word)*)?;)*
                    Ok(value)
                }
            }

            #[cfg(feature = "arbitrary")]
            $crate::plausible::by_arbitrary!($name);
        };
    };
}

macro_rules! wire_slot {
    ($field:expr; text $($word:ident)*) => {
        $crate::wire::Text($field)
    };
    ($field:expr; $($word:ident)*) => {
        $crate::wire::Slot($field)
    };
}

macro_rules! wire_is_written {
    ($field:expr; omitempty) => {
        !$field.is_empty()
    };
    ($field:expr; text omitempty) => {
        !$field.is_empty()
    };
    ($field:expr; $($word:ident)*) => {
        true
    };
}

macro_rules! wire_hint {
    (omitempty) => {
        $crate::wire::seldom()
    };
    (text omitempty) => {
        $crate::wire::seldom()
    };
    ($($word:ident)*) => {};
}

macro_rules! wire_write {
    ($out:ident, $json:literal, $field:expr; text $($word:ident)*) => {
        $out.serialize_field($json, $crate::wire::text($field))
    };
    ($out:ident, $json:literal, $field:expr; omitempty) => {
        $out.serialize_field($json, $field)
    };
    ($out:ident, $json:literal, $field:expr;) => {
        $crate::wire::plain(&mut $out, $json, $field)
    };
}

#[cfg(feature = "arbitrary")]
macro_rules! wire_filled {
    ($field:expr, $u:expr, $owner:expr, $json:literal; text $($word:ident)*) => {
        $crate::plausible::fill_text($field, $u, wire_filled!($owner, $json; $($word)*))
    };
    ($field:expr, $u:expr, $owner:expr, $json:literal; $($word:ident)*) => {
        $crate::plausible::fill($field, $u, wire_filled!($owner, $json; $($word)*))
    };
    ($owner:expr, $json:literal; omitempty) => {
        $crate::plausible::Field { owner: $owner, name: $json, required: false }
    };
    ($owner:expr, $json:literal; $($word:ident)*) => {
        $crate::plausible::Field { owner: $owner, name: $json, required: true }
    };
}

/// An enum of the API that keeps values it does not know.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vmeta])* $variant,)+
            /// A value that this crate does not know, kept as it was written.
            Other($crate::api::Unrecognized),
        }

        impl $name {
            /// The values that this crate knows, in the API's order.
            pub const KNOWN: &'static [&'static str] = &[$($text),+];

            /// Returns the value as it stands on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(other) => other.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Other($crate::api::Unrecognized::new(other)),
                }
            }
        }

        impl core::str::FromStr for $name {
            type Err = core::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl $crate::field::OpenEnum for $name {
            const KNOWN: &'static [&'static str] = Self::KNOWN;

            fn as_str(&self) -> &str {
                self.as_str()
            }

            fn is_known(&self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        wire_text!($name);

        #[cfg(feature = "arbitrary")]
        impl<'a> arbitrary::Arbitrary<'a> for $name {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                if u.ratio(1, 16)? {
                    let text: &str = u.arbitrary()?;
                    // Where an enum is not a pointer in Go, the empty text is no value.
                    if !text.is_empty() {
                        return Ok(Self::from(text));
                    }
                }
                Ok(Self::from(*u.choose(Self::KNOWN)?))
            }

            fn size_hint(_: usize) -> (usize, Option<usize>) {
                (2, None)
            }
        }
    };
}

/// A vocabulary that anybody may extend: a text with constants for the words that Kubernetes itself uses.
macro_rules! open_vocabulary {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$vmeta:meta])* $constant:ident = $text:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(alloc::borrow::Cow<'static, str>);

        impl $name {
            $($(#[$vmeta])* pub const $constant: Self = Self(alloc::borrow::Cow::Borrowed($text));)+

            /// The words that this crate has a constant for.
            pub const KNOWN: &'static [&'static str] = &[$($text),+];

            /// Returns the word as it stands on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$constant,)+
                    other => Self(alloc::borrow::Cow::Owned(other.into())),
                }
            }
        }

        impl From<alloc::string::String> for $name {
            fn from(text: alloc::string::String) -> Self {
                Self(alloc::borrow::Cow::Owned(text))
            }
        }

        impl core::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == *other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == **other
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(&self.0)
            }
        }

        wire_text!($name);

        #[cfg(feature = "arbitrary")]
        impl<'a> arbitrary::Arbitrary<'a> for $name {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                if u.ratio(1, 8)? {
                    return Ok(Self::from(u.arbitrary::<&str>()?));
                }
                Ok(Self::from(*u.choose(Self::KNOWN)?))
            }

            fn size_hint(_: usize) -> (usize, Option<usize>) {
                (2, None)
            }
        }
    };
}

/// serde for a type that is a text on the wire, made `From<&str>`, and never refused.
macro_rules! wire_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            #[inline]
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                d.deserialize_str($crate::wire::FromText::new())
            }
        }

        impl $crate::wire::Wire for $name {
            fn zero() -> Self {
                Self::from("")
            }

            fn merge<'de, D: serde::Deserializer<'de>>(&mut self, d: D) -> Result<(), D::Error> {
                $crate::wire::merge_scalar(self, d)
            }

            fn is_empty(&self) -> bool {
                self.as_str().is_empty()
            }
        }

        #[cfg(feature = "arbitrary")]
        $crate::plausible::by_arbitrary!($name);
    };
}
