//! The language of the screen: that of `--lang`, or else that of the locale if the terminal can draw it.
//!
//! The kernel's own console has no Chinese glyphs, and a terminal with another character set garbles our UTF-8. In these cases, the
//! locale alone does not select Chinese, and a note says how to ask for it.

use std::io::{self, IsTerminal};

use keyferry_core::Lang;

/// Why English is used although the locale is Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Standard error is the kernel's console.
    Console,
    /// The locale's character set is not UTF-8.
    Charset,
}

impl Why {
    /// The note, in English, because the reader sees English output at this point.
    pub(super) const fn note(self) -> &'static str {
        match self {
            Self::Console => {
                "note: a console with TERM=linux has no Chinese characters, so this is in English; --lang zh selects Chinese"
            }
            Self::Charset => {
                "note: the character set of the locale is not UTF-8, so this is in English; --lang zh selects Chinese"
            }
        }
    }
}

/// The language, and the reason if it is not that of the locale.
pub(super) fn choose(asked: Option<&str>) -> (Lang, Option<Why>) {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let console = io::stderr().is_terminal() && variable("TERM").as_deref() == Some("linux");
    by(asked, console, variable)
}

/// Chooses as POSIX says: `LC_ALL` takes precedence over the category's variable, which takes precedence over
/// `LANG`.
fn by(asked: Option<&str>, console: bool, variable: impl Fn(&str) -> Option<String>) -> (Lang, Option<Why>) {
    let first = |names: [&str; 3]| names.into_iter().find_map(&variable);
    let locale = first(["LC_ALL", "LC_MESSAGES", "LANG"]);
    let tag = asked.or(locale.as_deref());
    let lang = tag.and_then(Lang::from_tag).unwrap_or_default();
    if asked.is_some() || lang == Lang::En {
        return (lang, None);
    }
    let charset = first(["LC_ALL", "LC_CTYPE", "LANG"]).or(locale);
    let why = match charset {
        _ if console => Some(Why::Console),
        Some(locale) if is_utf8(&locale) => None,
        _ => Some(Why::Charset),
    };
    (why.map_or(lang, |_| Lang::En), why)
}

/// Whether the locale's character set is UTF-8, as in `zh_CN.UTF-8`. A locale that names no character set has
/// an older one: `zh_CN` is GB 2312.
fn is_utf8(locale: &str) -> bool {
    let charset = locale.split_once('.').map_or("", |(_, rest)| rest.split('@').next().unwrap_or(rest));
    charset.eq_ignore_ascii_case("UTF-8") || charset.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(asked: Option<&str>, console: bool, variables: &[(&str, &str)]) -> (Lang, Option<Why>) {
        by(asked, console, |name| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn the_locale_brings_chinese_where_it_can_be_drawn() {
        for (locale, lang, why) in [
            ("zh_CN.UTF-8", Lang::Zh, None),
            ("zh_CN.utf8@pinyin", Lang::Zh, None),
            ("zh_CN.GBK", Lang::En, Some(Why::Charset)),
            ("zh_CN.GB18030", Lang::En, Some(Why::Charset)),
            ("zh_TW.Big5", Lang::En, Some(Why::Charset)),
            ("zh_CN", Lang::En, Some(Why::Charset)),
            ("en_GB.ISO-8859-1", Lang::En, None),
            ("C", Lang::En, None),
            ("de_DE.UTF-8", Lang::En, None),
        ] {
            assert_eq!(of(None, false, &[("LANG", locale)]), (lang, why), "{locale}");
            let on_console = if locale.starts_with("zh") { Some(Why::Console) } else { None };
            assert_eq!(of(None, true, &[("LANG", locale)]), (Lang::En, on_console), "{locale}");
            for console in [true, false] {
                assert_eq!(of(Some("zh"), console, &[("LANG", locale)]), (Lang::Zh, None), "{locale}");
                assert_eq!(of(Some("en"), console, &[("LANG", locale)]), (Lang::En, None), "{locale}");
            }
        }
    }

    #[test]
    fn each_category_has_its_own_variable() {
        let zh = [("LC_MESSAGES", "zh_CN.UTF-8"), ("LANG", "C.UTF-8")];
        assert_eq!(of(None, false, &zh), (Lang::Zh, None));
        assert_eq!(of(None, false, &zh[..1]), (Lang::Zh, None));
        let other = [("LANG", "zh_CN.UTF-8"), ("LC_CTYPE", "zh_CN.GBK")];
        assert_eq!(of(None, false, &other), (Lang::En, Some(Why::Charset)));
        let all = [("LC_ALL", "zh_CN.UTF-8"), ("LC_CTYPE", "zh_CN.GBK"), ("LANG", "en_US.UTF-8")];
        assert_eq!(of(None, false, &all), (Lang::Zh, None));
    }
}
