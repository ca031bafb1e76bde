//! The little JSON that an annotation can hold: a list of tolerations.

use alloc::{string::String, vec::Vec};

use crate::api::{TaintEffect, Toleration, TolerationOperator};

/// How deep Go's decoder goes.
const MAX_DEPTH: usize = 10_000;

/// Reads a list of tolerations as Go reads it, with names in any case; `None` where that fails.
pub(super) fn tolerations(text: &str) -> Option<Vec<Toleration>> {
    let mut reader = Reader { rest: text };
    let mut tolerations = Vec::new();
    match reader.peek()? {
        'n' => reader.word("null")?,
        '[' => reader.items('[', ']', |reader| {
            tolerations.push(reader.toleration()?);
            Some(())
        })?,
        _ => return None,
    }
    reader.skip_space();
    reader.rest.is_empty().then_some(tolerations)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn peek(&mut self) -> Option<char> {
        self.skip_space();
        self.rest.chars().next()
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    /// Reads what stands between two brackets, separated by commas.
    fn items(
        &mut self,
        open: char,
        close: char,
        mut item: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.word(open.encode_utf8(&mut [0; 4]))?;
        if self.peek()? == close {
            return self.word(close.encode_utf8(&mut [0; 4]));
        }
        loop {
            item(self)?;
            match self.peek()? {
                ',' => self.word(",")?,
                other if other == close => return self.word(close.encode_utf8(&mut [0; 4])),
                _ => return None,
            }
        }
    }

    fn toleration(&mut self) -> Option<Toleration> {
        let mut toleration = Toleration::default();
        if self.peek()? == 'n' {
            self.word("null")?;
            return Some(toleration);
        }
        self.items('{', '}', |reader| {
            let name: String = reader.string()?.chars().map(fold).collect();
            reader.word(":")?;
            match name.as_str() {
                "key" => reader.text(|text| toleration.key = text),
                "operator" => reader.text(|text| {
                    let operator = Some(text).filter(|text| !text.is_empty());
                    toleration.operator = operator.map(|text| TolerationOperator::from(&*text));
                }),
                "value" => reader.text(|text| toleration.value = text),
                "effect" => reader.text(|text| {
                    let effect = Some(text).filter(|text| !text.is_empty());
                    toleration.effect = effect.map(|text| TaintEffect::from(&*text));
                }),
                "tolerationseconds" => {
                    toleration.toleration_seconds = reader.seconds()?;
                    Some(())
                }
                _ => reader.skip(),
            }
        })?;
        Some(toleration)
    }

    /// Reads a text; `null` leaves what was there.
    fn text(&mut self, set: impl FnOnce(String)) -> Option<()> {
        if self.peek()? == 'n' {
            return self.word("null");
        }
        set(self.string()?);
        Some(())
    }

    fn seconds(&mut self) -> Option<Option<i64>> {
        if self.peek()? == 'n' {
            self.word("null")?;
            return Some(None);
        }
        self.number()?.parse().ok().map(Some)
    }

    fn string(&mut self) -> Option<String> {
        self.word("\"")?;
        let mut text = String::new();
        loop {
            match self.char()? {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                c if c < ' ' => return None,
                c => text.push(c),
            }
        }
    }

    fn char(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..)?;
        Some(c)
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.char()? {
            c @ ('"' | '\\' | '/') => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self.hex()?;
                let low = self.rest.strip_prefix("\\u");
                let low = low.and_then(|rest| Reader { rest }.hex());
                match (char::from_u32(unit), low) {
                    (Some(c), _) => c,
                    (None, Some(low @ 0xdc00..=0xdfff)) if unit < 0xdc00 => {
                        self.rest = self.rest.get(6..)?;
                        let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                        char::from_u32(code)?
                    }
                    (None, _) => char::REPLACEMENT_CHARACTER,
                }
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest.get(..4)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.rest = self.rest.get(4..)?;
        u32::from_str_radix(digits, 16).ok()
    }

    /// Reads a number by JSON's grammar, and returns its text.
    fn number(&mut self) -> Option<&'a str> {
        self.skip_space();
        let start = self.rest;
        self.rest = self.rest.strip_prefix('-').unwrap_or(self.rest);
        if let Some(rest) = self.rest.strip_prefix('0') {
            self.rest = rest;
        } else {
            self.digits()?;
        }
        if let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            self.digits()?;
        }
        if let Some(rest) = self.rest.strip_prefix(['e', 'E']) {
            self.rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
            self.digits()?;
        }
        start.get(..start.len() - self.rest.len())
    }

    fn digits(&mut self) -> Option<()> {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let found = rest.len() < self.rest.len();
        self.rest = rest;
        found.then_some(())
    }

    fn skip_scalar(&mut self) -> Option<()> {
        match self.peek()? {
            '"' => self.string().map(drop),
            't' => self.word("true"),
            'f' => self.word("false"),
            'n' => self.word("null"),
            _ => self.number().map(drop),
        }
    }

    /// Passes over any value, without recursion.
    fn skip(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            let close = match self.peek()? {
                '[' => ']',
                '{' => '}',
                _ => {
                    self.skip_scalar()?;
                    if self.after_value(&mut open)? {
                        return Some(());
                    }
                    continue;
                }
            };
            self.char()?;
            open.push(close);
            if open.len() > MAX_DEPTH {
                return None;
            }
            if self.peek()? == close {
                self.char()?;
                open.pop();
                if self.after_value(&mut open)? {
                    return Some(());
                }
            } else if close == '}' {
                self.name()?;
            }
        }
    }

    fn name(&mut self) -> Option<()> {
        self.string()?;
        self.word(":")
    }

    /// Closes what ends after a value; true once nothing is open.
    fn after_value(&mut self, open: &mut Vec<char>) -> Option<bool> {
        loop {
            let Some(close) = open.last().copied() else {
                return Some(true);
            };
            match self.peek()? {
                ',' => {
                    self.char()?;
                    if close == '}' {
                        self.name()?;
                    }
                    return Some(false);
                }
                c if c == close => {
                    self.char()?;
                    open.pop();
                }
                _ => return None,
            }
        }
    }
}

/// Lower-case, with the two letters outside ASCII that Go takes for one inside.
fn fold(c: char) -> char {
    match c {
        '\u{212a}' => 'k',
        '\u{17f}' => 's',
        c => c.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case_are_read_and_unknown_ones_passed_over() {
        let read = tolerations(
            r#" [{"KEY":"\u0061\ud83d\ude00","x":[1,{"y":[]},{}],"operator":null,
                "tolerationSeconds": -5}, null] "#,
        );
        let first = Toleration {
            key: "a\u{1f600}".into(),
            toleration_seconds: Some(-5),
            ..Toleration::default()
        };
        assert_eq!(read, Some(alloc::vec![first, Toleration::default()]));
        assert_eq!(tolerations("null"), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_list_of_tolerations_is_refused() {
        for text in [
            "",
            "{}",
            "[1]",
            "[{}",
            "[{},]",
            "[] x",
            r#"[{"key":1}]"#,
            r#"[{"key":"a""effect":"b"}]"#,
            r#"[{"tolerationSeconds":1.0}]"#,
            r#"[{"tolerationSeconds":"1"}]"#,
            r#"[{"x":01}]"#,
            r#"[{"x":[1,]}]"#,
            r#"[{"x":{"a"}}]"#,
            "[{\"key\":\"\n\"}]",
        ] {
            assert_eq!(tolerations(text), None, "{text}");
        }
    }
}
