//! The beginning of every page: its language, its title, and a policy under which it can neither load nor send anything.

use keyferry_core::{Base64Bytes, Fingerprint, Lang};

use super::escaped;

/// Everything before `<body>`. The page's policy allows exactly this style and this script, and nothing from anywhere else (CSP
/// level 3).
#[must_use]
pub fn page_head(lang: Lang, title: &str, style: &str, script: Option<&str>) -> String {
    let source = |text: &str| {
        format!("'sha256-{}'", Base64Bytes::from(&Fingerprint::of(text.as_bytes()).as_bytes()[..]))
    };
    let script = script.map_or_else(|| "'none'".to_owned(), source);
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; script-src {script}; \
         base-uri 'none'; form-action 'none'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"referrer\" content=\"no-referrer\"/>\n\
         <title>{}</title>\n<style>{style}</style>\n</head>\n",
        language_tag(lang),
        source(style),
        escaped(title),
    )
}

/// The language tag for HTML.
#[must_use]
pub const fn language_tag(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh-Hans",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::well_formed;

    #[test]
    fn the_policy_allows_the_style_and_the_script_and_nothing_else() {
        // printf 'body{}' | openssl dgst -sha256 -binary | base64
        let style = "'sha256-fJgEClQWV1hGkK4qHMO0KotTsVnMYMXTq7/suurGyUo='";
        // printf 'let a;' | openssl dgst -sha256 -binary | base64
        let script = "'sha256-81WALLbUROF1pWdYjuQYKuIcGgY/+TqVJr8UsV6Tkvo='";
        let page = page_head(Lang::Zh, "<&>", "body{}", Some("let a;"));
        assert!(
            page.contains(&format!("default-src 'none'; style-src {style}; script-src {script}; base-uri"))
        );
        assert!(page.contains("<html lang=\"zh-Hans\">") && page.contains("<title>&lt;&amp;&gt;</title>"));
        let plain = page_head(Lang::En, "t", "body{}", None);
        assert!(plain.contains("script-src 'none';") && !plain.contains("unsafe"), "{plain}");
        assert_eq!(well_formed(&(plain + "<body></body></html>")), Ok(()));
    }
}
