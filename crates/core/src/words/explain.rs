//! What every refusal must tell the room: a control id, what happened, and what to do, in two languages.

mod refusals;

use core::fmt;

use crate::Control;

/// The languages of the texts that keyferry shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 简体中文.
    Zh,
}

impl Lang {
    /// All languages.
    pub const BOTH: [Self; 2] = [Self::En, Self::Zh];

    /// The language's name for itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Zh => "简体中文",
        }
    }

    /// Reads a language tag or POSIX locale (`en`, `zh`, `zh-CN`, `zh_CN.UTF-8`); `None` for any other language.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.', '@']).next()?;
        match primary.to_ascii_lowercase().as_str() {
            "en" | "c" | "posix" => Some(Self::En),
            "zh" => Some(Self::Zh),
            _ => None,
        }
    }
}

/// One sentence in both languages. Made by [`bi!`](crate::bi).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bilingual {
    /// English.
    pub en: String,
    /// 简体中文.
    pub zh: String,
}

impl Bilingual {
    /// A list of names, separated as each language separates them.
    #[must_use]
    pub fn list<T: fmt::Display>(names: impl IntoIterator<Item = T>) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
        Self { en: names.join(", "), zh: names.join("、") }
    }

    /// The sentence in `lang`.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// Makes a [`Bilingual`] from two format strings over the same captured values, English first.
#[macro_export]
macro_rules! bi {
    ($en:literal, $zh:literal $(, $($arg:tt)*)?) => {
        $crate::Bilingual {
            en: ::std::format!($en $(, $($arg)*)?),
            zh: ::std::format!($zh $(, $($arg)*)?),
        }
    };
}

/// The class of the failure, which decides the exit code of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A check refused: exit code 1.
    Refused,
    /// The command line was wrong: exit code 2.
    Usage,
    /// A file, device or terminal failed: exit code 3.
    Io,
    /// The provider refused or could not be reached: exit code 4.
    Remote,
}

impl Class {
    /// The process exit code.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Io => 3,
            Self::Remote => 4,
        }
    }
}

/// An error that can be read aloud in the room.
pub trait Explain {
    /// The control that refused.
    fn control(&self) -> Control;
    /// The class, which decides the exit code.
    fn class(&self) -> Class;
    /// What happened. Never contains key material, an import token or a credential.
    fn what(&self) -> Bilingual;
    /// What to do next.
    fn hint(&self) -> Bilingual;
}

/// Writes the English [`Explain::what`], for `Display` implementations.
///
/// # Errors
/// Any error of the formatter.
pub fn fmt_what(error: &dyn Explain, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&error.what().en)
}

/// Implements `Display` and `std::error::Error` for types that implement [`Explain`] by hand; [`refusals!`](crate::refusals) does
/// so for its own types.
#[macro_export]
macro_rules! explained {
    ($($ty:ty),+ $(,)?) => {$(
        impl ::core::fmt::Display for $ty {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::explain::fmt_what(self, f)
            }
        }
        impl ::std::error::Error for $ty {}
    )+};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags() {
        assert_eq!(Lang::from_tag("zh_CN.UTF-8"), Some(Lang::Zh));
        assert_eq!(Lang::from_tag("zh-Hans"), Some(Lang::Zh));
        assert_eq!(Lang::from_tag("en_GB"), Some(Lang::En));
        assert_eq!(Lang::from_tag("C.UTF-8"), Some(Lang::En));
        assert_eq!(Lang::from_tag("de_DE"), None);
        assert_eq!(Lang::from_tag(""), None);
    }

    /// Makes sure that the `refusals!` example that must not compile fails for the right reason: it would compile
    /// if it had the missing hint.
    #[test]
    fn the_table_that_does_not_compile_lacks_one_hint_and_nothing_else() {
        let source = include_str!("explain/refusals.rs");
        let tables: Vec<_> = source.split("keyferry_core::refusals! {\n").skip(1).collect();
        let [without, with] = [0, 1].map(|n| tables[n].split("/// }\n").next().unwrap());
        let hint = ", hint(\"take another one\", \"请换一张\")";
        assert_eq!((with.matches(hint).count(), with.replace(hint, "").as_str()), (1, without));
        assert!(source.contains("/// ```compile_fail,E0004\n/// keyferry_core::refusals! {\n"));
    }

    #[test]
    fn both_languages_are_formatted() {
        let n = 3;
        let text = bi!("{n} keys", "{n} 个密钥");
        assert_eq!((text.get(Lang::En), text.get(Lang::Zh)), ("3 keys", "3 个密钥"));
    }
}
