//! The list of words to avoid, and the search for them in a piece of prose.

use std::collections::BTreeMap;

use super::prose::Piece;
use crate::run::Stop;

pub(super) const TABLE: &str = include_str!("list.txt");

/// Every rule of the table.
pub(super) struct List {
    rules: Vec<Rule>,
    /// The rules that begin with this word.
    by_word: BTreeMap<String, Vec<usize>>,
}

/// One line of the table.
pub(super) struct Rule {
    pattern: Vec<Part>,
    instead: String,
}

/// A condition on one place in a sentence.
enum Part {
    /// The beginning of a sentence; consumes no word.
    Begin,
    /// One of these words.
    Word(Vec<String>),
    /// None of these words; consumes no word.
    Not(Vec<String>),
}

impl Rule {
    /// The text to write in place of the word.
    pub(super) fn instead(&self) -> &str {
        &self.instead
    }

    fn parse(line: &str) -> Option<Self> {
        let (pattern, instead) = line.split_once(" => ")?;
        let words = |text: &str| text.split('/').map(str::to_owned).collect();
        let part = |text: &str| match text.strip_prefix('!') {
            Some(text) => Part::Not(words(text)),
            None if text == "^" => Part::Begin,
            None => Part::Word(words(text)),
        };
        let pattern: Vec<_> = pattern.split_whitespace().map(part).collect();
        let takes_a_word = pattern.iter().any(|part| matches!(part, Part::Word(_)));
        takes_a_word.then(|| Self { pattern, instead: instead.trim().to_owned() })
    }

    /// The possible first words.
    fn first_words(&self) -> &[String] {
        let mut words = self.pattern.iter().filter_map(|part| match part {
            Part::Word(words) => Some(words.as_slice()),
            _ => None,
        });
        words.next().unwrap_or_default()
    }

    /// The words from `at` that the pattern matches.
    fn takes(&self, tokens: &[Token], at: usize) -> Option<std::ops::Range<usize>> {
        let mut next = at;
        for part in &self.pattern {
            let word = tokens.get(next).map_or("", |token| token.text.as_str());
            match part {
                Part::Begin => {
                    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
                    if before.is_some_and(|token| !token.ends_sentence()) {
                        return None;
                    }
                }
                Part::Word(words) if words.iter().any(|w| w == word) => next += 1,
                Part::Not(words) if next == at => {
                    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
                    if before.is_some_and(|token| words.contains(&token.text)) {
                        return None;
                    }
                }
                Part::Not(words) if words.iter().all(|w| w != word) => {}
                _ => return None,
            }
        }
        Some(at..next)
    }
}

impl List {
    pub(super) fn parse(table: &str) -> Result<Self, Stop> {
        let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let rule =
            |line| Rule::parse(line).ok_or_else(|| Stop::failed(format!("xtask/src/words/list.txt: {line}")));
        let rules: Vec<Rule> = lines.map(rule).collect::<Result<_, _>>()?;
        let mut by_word = BTreeMap::<String, Vec<usize>>::new();
        for (number, rule) in rules.iter().enumerate() {
            for word in rule.first_words() {
                by_word.entry(word.clone()).or_default().push(number);
            }
        }
        Ok(Self { rules, by_word })
    }

    #[cfg(test)]
    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The line, the words and the rule of every hit in a piece.
    pub(super) fn found(&self, piece: &Piece) -> Vec<(usize, String, &Rule)> {
        let tokens = tokens(piece);
        let mut found = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let numbers = self.by_word.get(&token.text).into_iter().flatten();
            for rule in numbers.filter_map(|number| self.rules.get(*number)) {
                let Some(taken) = rule.takes(&tokens, at) else { continue };
                let words = tokens.get(taken).unwrap_or_default().iter().map(|t| t.text.as_str());
                found.push((token.line, words.collect::<Vec<_>>().join(" "), rule));
            }
        }
        found
    }
}

/// A word in lower case, or one mark of punctuation.
struct Token {
    text: String,
    line: usize,
}

impl Token {
    fn ends_sentence(&self) -> bool {
        matches!(self.text.as_str(), "." | "!" | "?" | ":" | ";")
    }
}

/// The words of a piece. Abbreviations in capitals keep their case, so `SLIP` is not `slip`.
fn tokens(piece: &Piece) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut line = piece.line;
    let mut chars = piece.text.chars().peekable();
    let mut word = String::new();
    let mut end = |word: &mut String, line| {
        if !word.is_empty() {
            let is_abbreviation = word.chars().count() > 1 && word.chars().all(|c| !c.is_lowercase());
            let text = if is_abbreviation { word.clone() } else { word.to_lowercase() };
            tokens.push(Token { text, line });
            word.clear();
        }
    };
    while let Some(c) = chars.next() {
        let inside = matches!(c, '.' | ':' | '/') && !word.is_empty();
        let goes_on = inside && chars.peek().is_some_and(|next| next.is_alphanumeric() || *next == ':');
        if c.is_alphanumeric() || matches!(c, '_' | '-' | '\'' | '’' | '{' | '}') || goes_on {
            word.push(c);
            continue;
        }
        end(&mut word, line);
        if c == '\n' {
            line += 1;
        } else if !c.is_whitespace() {
            end(&mut c.to_string(), line);
        }
    }
    end(&mut word, line);
    tokens
}
