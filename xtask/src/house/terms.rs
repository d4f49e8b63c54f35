//! One Chinese word for one thing, on every screen and every page: abandoned terms and their replacements.

use super::Source;

/// The abandoned term, its replacement, and longer words in which the abandoned term is allowed.
const TERMS: [(&str, &str, &[&str]); 16] = [
    ("链首", "链尾摘要", &[]),
    ("末行摘要", "链尾摘要", &[]),
    ("联机站", "在线工作站", &[]),
    ("在线站", "在线工作站", &[]),
    ("离线站", "离线工作站", &[]),
    ("站点", "工作站", &[]),
    ("本站", "本工作站", &[]),
    ("气隙", "物理隔离", &[]),
    ("各个房间", "代码结构", &[]),
    ("审核", "审阅", &[]),
    ("秘密", "机密, 秘密值", &["秘密值"]),
    ("令牌", "导入令牌, 硬件令牌", &["导入令牌", "硬件令牌", "会话令牌", "软件令牌"]),
    ("贡献", "附加熵源", &[]),
    ("份额", "分片", &[]),
    ("正式", "正式仪式", &["正式仪式"]),
    ("封装", "包装", &[]),
];

/// Each line with an abandoned term, in sources before their tests and in Chinese pages.
pub(super) fn faults(sources: &[Source], pages: &[Source]) -> Vec<String> {
    let here = "xtask/src/house/terms.rs";
    let sources = sources.iter().filter(|s| s.path != here).map(|s| (s.path.as_str(), s.product()));
    let texts = sources.chain(pages.iter().map(|page| (page.path.as_str(), page.text.as_str())));
    texts.flat_map(|(path, text)| of_text(path, text)).collect()
}

fn of_text(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (n, line) in (1..).zip(text.lines()) {
        for (wrong, right, fine) in TERMS {
            let rest = fine.iter().fold(line.to_owned(), |line, word| line.replace(word, ""));
            if rest.contains(wrong) {
                faults.push(format!("{path}:{n} says {wrong}; the term is {right}"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Vec<Source> {
        vec![Source { path: "a.zh-CN.md".into(), text: text.into() }]
    }

    #[test]
    fn a_term_that_was_given_up_is_seen_wherever_it_is() {
        for (wrong, _, fine) in TERMS {
            assert_eq!(faults(&[], &page(&format!("甲\n乙{wrong}丙"))).len(), 1, "{wrong}");
            for word in fine {
                assert_eq!(faults(&[], &page(word)), [""; 0]);
                assert_eq!(faults(&[], &page(&format!("{word}与{wrong}"))).len(), 1, "{word}");
            }
        }
    }

    #[test]
    fn tests_may_say_it() {
        let text = "fn a() {}\n#[cfg(test)]\nconst A: &str = \"联机站\";\n";
        assert_eq!(faults(&[Source { path: "src/a.rs".into(), text: text.into() }], &[]), [""; 0]);
    }
}
